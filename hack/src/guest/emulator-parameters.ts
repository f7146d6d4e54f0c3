import { daemonPort } from './inside/protocol.ts';
import type { Machine } from './machine.ts';

export interface GuestDrives {
  /** The system; what the guest writes is forgotten. */
  readonly root: string;
  /** The files of the repository, mounted at /autoweave. */
  readonly repository: string;
  /** Mounted at /autoweave/node_modules. */
  readonly dependencies: string;
}

export interface EmulatorOptions {
  readonly machine: Machine;
  readonly kernel: string;
  readonly initramfs: string;
  readonly drives: GuestDrives;
  /** Where the kernel and the init write. */
  readonly consoleLog: string;
  /** Unix socket of the monitor. */
  readonly monitor: string;
  /** Loopback port of the host that leads to the daemon. */
  readonly daemonPort: number;
  readonly token: string;
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
    append: kernelParameters(options),
    serial: `file:${options.consoleLog}`,
    qmp: `unix:${options.monitor},server=on,wait=off`,
    netdev: `user,id=net0,hostfwd=tcp:127.0.0.1:${options.daemonPort}-:${daemonPort}`,
  };
  return [
    '-nodefaults',
    '-no-user-config',
    '-no-reboot',
    ...Object.entries(parameters).flatMap(([name, value]) => [`-${name}`, value]),
    ...drive(drives.root, 'snapshot=on'),
    ...drive(drives.repository, 'readonly=on'),
    ...drive(drives.dependencies, 'readonly=on'),
    ...device('virtio-net-pci,netdev=net0,romfile='),
    ...device('virtio-rng-pci'),
    ...Array.from({ length: usbControllers }, (_none, index) =>
      device(`qemu-xhci,id=usb${index},p2=${usbPorts},p3=${usbPorts}`),
    ).flat(),
  ];
}

function kernelParameters({ machine, token }: EmulatorOptions): string {
  return [
    `console=${machine.console}`,
    'quiet',
    // With -no-reboot a guest that panics ends the emulator, and so is noticed.
    'panic=-1',
    // Names as the init expects them.
    'net.ifnames=0',
    `autoweave.token=${token}`,
  ].join(' ');
}

function device(description: string): string[] {
  return ['-device', description];
}

/** In the order of the drives the guest names them vda, vdb, vdc. */
function drive(file: string, mode: string): string[] {
  // A comma in a value is written twice.
  return ['-drive', `file=${file.replaceAll(',', ',,')},format=raw,if=virtio,${mode}`];
}
