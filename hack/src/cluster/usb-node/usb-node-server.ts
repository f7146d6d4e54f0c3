import { join } from 'node:path';
import { emulatorParameters } from '../../guest/emulator-parameters.ts';
import type { GuestTools } from '../../guest/guest-tools.ts';
import type { Machine } from '../../guest/machine.ts';
import type { GuestSystem } from '../../guest/system.ts';
import { type ClusterLayout, insideDirectory } from '../layout.ts';
import { network } from '../network.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { acceptsConnections, type ClusterServer } from '../servers/server.ts';

export interface UsbNodeOptions {
  readonly machine: Machine;
  readonly tools: GuestTools;
  readonly system: GuestSystem;
  readonly drives: { readonly configuration: string; readonly node: string };
  readonly layout: ClusterLayout;
  readonly sandbox: Sandbox;
}

const link = 'usb';
const memoryMegabytes = 3_072;
/** In the sandbox, and so short. */
const monitor = `${insideDirectory}/usb-monitor`;

/** The emulator of the guest that is the node `usb`. */
export function usbNodeServer({ machine, tools, system, drives, layout, sandbox }: UsbNodeOptions): ClusterServer {
  const parameters = emulatorParameters({
    machine,
    accelerator: 'tcg',
    memoryMegabytes,
    kernel: system.kernel,
    initramfs: system.initramfs,
    drives: [
      { file: system.root, mode: 'forgetful' },
      { file: drives.configuration, mode: 'readonly' },
      { file: drives.node, mode: 'forgetful' },
    ],
    network: `tap,ifname=${link},script=no,downscript=no`,
    kernelParameters: ['autoweave.init=/autoweave/init.sh'],
    restarts: true,
    monitor,
    consoleLog: join(layout.logs, 'usb-console.log'),
  });
  return {
    name: 'usb',
    command: [tools.emulator, ...parameters],
    isReady: (signal) => acceptsConnections(monitorPath(sandbox), signal),
  };
}

/** Path of the monitor's socket. */
export function monitorPath(sandbox: Sandbox): string {
  return sandbox.path(monitor);
}

/** Joins the guest to the segment of the nodes. */
export async function makeUsbNodeLink(sandbox: Sandbox): Promise<void> {
  const links = await sandbox.run(['ip', '-o', 'link']);
  if (links.includes(` ${link}:`)) return;
  await sandbox.run(['ip', 'tuntap', 'add', link, 'mode', 'tap']);
  await sandbox.run(['ip', 'link', 'set', link, 'master', 'nodes', 'up']);
  await sandbox.run(['ip', 'route', 'add', network.podRanges.usb, 'via', network.nodes.usb]);
}
