import { join } from 'node:path';
import type { AgentConfig } from './config.ts';
import type { UsbEdgeSource, UsbSource } from './ports.ts';

export interface UsbParts {
  /** The truth. */
  readonly source: UsbSource;
  /** What tells of changes. */
  readonly edgeSources: readonly UsbEdgeSource[];
  /** Removes what was made for them. */
  dispose?(): void;
}

type UsbConfig = Pick<AgentConfig, 'usbSource' | 'sysfsRoot' | 'devRoot'>;

/** Loads only what the choice needs: npm usb and the recorded devices cost memory. */
export async function makeUsbParts(config: UsbConfig, platform: NodeJS.Platform = process.platform): Promise<UsbParts> {
  const { usbSource } = config;
  if (usbSource === 'simulated') return simulatedParts();
  if (usbSource === 'node-usb' || (usbSource === 'auto' && platform !== 'linux')) return nodeUsbParts();
  return kernelParts(config);
}

async function kernelParts({ sysfsRoot, devRoot }: UsbConfig): Promise<UsbParts> {
  const { SysfsSource } = await import('./sources/sysfs-source.ts');
  const { DeviceNodeHints } = await import('./sources/device-node-hints.ts');
  const { NetlinkEdgeSource } = await import('./uevents/netlink-edge-source.ts');
  const hints = new DeviceNodeHints({ directory: join(devRoot, 'bus/usb') });
  return { source: new SysfsSource({ root: sysfsRoot }), edgeSources: [new NetlinkEdgeSource(), hints] };
}

async function nodeUsbParts(): Promise<UsbParts> {
  const { NodeUsbSource } = await import('./sources/node-usb-source.ts');
  const { NodeUsbHints } = await import('./sources/node-usb-hints.ts');
  return { source: new NodeUsbSource(), edgeSources: [new NodeUsbHints()] };
}

async function simulatedParts(): Promise<UsbParts> {
  const { SimulatedUsb } = await import('./sources/simulated-usb.ts');
  const simulated = new SimulatedUsb();
  return { source: simulated, edgeSources: [simulated], dispose: () => simulated.dispose() };
}
