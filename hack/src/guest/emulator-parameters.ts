import type { Machine } from './machine.ts';

export interface GuestDrive {
  /** An image of an ext4 file system. */
  readonly file: string;
  /** `forgetful`: what the guest writes is lost when the emulator ends. */
  readonly mode: 'readonly' | 'forgetful';
}

export interface EmulatorOptions {
  readonly machine: Machine;
  readonly kernel: string;
  readonly initramfs: string;
  /** The guest names them vda, vdb and so on. The first holds the system, the second is mounted at /autoweave. */
  readonly drives: readonly GuestDrive[];
  /** Where the kernel and the init write. */
  readonly consoleLog: string;
  /** Unix socket of the monitor. */
  readonly monitor: string;
  /** What the network interface of the guest is joined to, in the words of QEMU but the id. */
  readonly network: string;
  /** Added to the command line of the kernel. */
  readonly kernelParameters: readonly string[];
  /** Else a guest that ends, or panics, ends the emulator, and so is noticed. */
  readonly restarts?: true;
  readonly memoryMegabytes: number;
  /** `tcg` runs everywhere. */
  readonly accelerator: 'tcg' | 'kvm';
}

/** Number of xHCI controllers; the bus of the first is `usb0.0`. */
export const usbControllers = 2;
/** Ports of each controller, for USB 2 and as many for USB 3. QEMU allows 15. */
export const usbPorts = 15;

/** The parameters of the emulator for one guest. */
export function emulatorParameters(options: EmulatorOptions): string[] {
  const { machine, drives, accelerator } = options;
  const parameters: Record<string, string> = {
    machine: machine.type,
    cpu: accelerator === 'kvm' ? 'host' : machine.processor,
    accel: accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator,
    smp: '2',
    m: String(options.memoryMegabytes),
    display: 'none',
    kernel: options.kernel,
    initrd: options.initramfs,
    append: kernelCommandLine(options),
    serial: `file:${options.consoleLog}`,
    qmp: `unix:${options.monitor},server=on,wait=off`,
    netdev: `${options.network},id=net0`,
  };
  return [
    '-nodefaults',
    '-no-user-config',
    ...(options.restarts === true ? [] : ['-no-reboot']),
    ...Object.entries(parameters).flatMap(([name, value]) => [`-${name}`, value]),
    ...drives.flatMap(drive),
    ...device('virtio-net-pci,netdev=net0,romfile='),
    ...device('virtio-rng-pci'),
    ...Array.from({ length: usbControllers }, (_none, index) =>
      device(`qemu-xhci,id=usb${index},p2=${usbPorts},p3=${usbPorts}`),
    ).flat(),
  ];
}

function kernelCommandLine({ machine, kernelParameters }: EmulatorOptions): string {
  return [
    `console=${machine.console}`,
    'quiet',
    // At once.
    'panic=-1',
    // Names as the init expects them.
    'net.ifnames=0',
    ...kernelParameters,
  ].join(' ');
}

function device(description: string): string[] {
  return ['-device', description];
}

const driveModes = { readonly: 'readonly=on', forgetful: 'snapshot=on' } as const;

function drive({ file, mode }: GuestDrive): string[] {
  // A comma in a value is written twice.
  return ['-drive', `file=${file.replaceAll(',', ',,')},format=raw,if=virtio,${driveModes[mode]}`];
}
