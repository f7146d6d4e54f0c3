/** What differs between the architectures that a guest can have: that of the host. */
export interface Machine {
  /** Debian's name. */
  readonly architecture: 'amd64' | 'arm64';
  readonly emulator: string;
  /** Debian's package of the emulator. */
  readonly emulatorPackage: string;
  readonly type: string;
  readonly processor: string;
  readonly console: string;
}

const machines: Readonly<Record<Machine['architecture'], Machine>> = {
  amd64: {
    architecture: 'amd64',
    emulator: 'qemu-system-x86_64',
    emulatorPackage: 'qemu-system-x86',
    type: 'pc',
    processor: 'max',
    console: 'ttyS0',
  },
  arm64: {
    architecture: 'arm64',
    emulator: 'qemu-system-aarch64',
    emulatorPackage: 'qemu-system-arm',
    type: 'virt',
    processor: 'max',
    console: 'ttyAMA0',
  },
};

export function machineOf(architecture: Machine['architecture']): Machine {
  return machines[architecture];
}
