import { readdir } from 'node:fs/promises';
import type { UsbSourceChoice } from './start-config.ts';

export interface ChosenUsbSource {
  readonly source: UsbSourceChoice;
  /** What the user should know about it. */
  readonly notice: string | undefined;
}

export function chooseUsbSource(choice: UsbSourceChoice, hasUsbTree: boolean): ChosenUsbSource {
  if (choice !== 'auto' || hasUsbTree) return { source: choice, notice: undefined };
  const notice =
    'This machine has no USB tree: recorded devices are plugged in and out instead (--usb-source=simulated).';
  return { source: 'simulated', notice };
}

/** Whether the kernel has a USB host controller: even without a device there is its root hub. */
export async function machineHasUsbTree(sysfsRoot = '/sys'): Promise<boolean> {
  const entries = await readdir(`${sysfsRoot}/bus/usb/devices`).catch(() => []);
  return entries.length > 0;
}
