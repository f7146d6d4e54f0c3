import type { UsbDevice } from '@autoweave/crds';
import { given } from '../given.ts';
import { deviceState, productText, type DeviceState } from '../cluster/device-text.ts';

/** What the tree keeps of a device; of 20,000 devices the whole objects would not fit. */
export interface TreeDevice {
  readonly name: string;
  readonly alias?: string;
  /** Vendor and product id, e.g. `046d:c31c`. */
  readonly id?: string;
  readonly product?: string;
  readonly serialNumber?: string;
  readonly class?: string;
  readonly state: DeviceState;
  /** When it came, or went. */
  readonly since?: string;
}

/** A device at a node, now or last. */
export interface TreeEntry {
  readonly node: string;
  readonly present: boolean;
  /** Undefined when the agent did not tell. */
  readonly bus: number | undefined;
  /** From the root hub, e.g. `1.4.2`. */
  readonly port: string | undefined;
  readonly device: TreeDevice;
}

/** One entry for each node that holds the device, with `all` also for those that held it. */
export function treeEntries(device: UsbDevice, all: boolean): readonly TreeEntry[] {
  const { descriptor = {}, identity, attachments = [] } = device.status ?? {};
  const product = productText(device);
  return attachments
    .filter(({ present }) => present || all)
    .map(({ nodeName, present, sysfsName, busNumber, portPath, since }) => ({
      node: nodeName,
      present,
      bus: busNumber ?? busOf(sysfsName),
      port: portPath,
      device: {
        name: device.metadata.name,
        state: present ? deviceState(device) : absentState(device),
        ...given({
          alias: device.spec?.alias,
          id: descriptor.id,
          product: product === '' ? undefined : product,
          serialNumber: identity?.serialNumber,
          class: descriptor.class,
          since,
        }),
      },
    }));
}

function absentState(device: UsbDevice): DeviceState {
  return deviceState(device) === 'Missing' ? 'Missing' : 'Detached';
}

/** `3-1.4` is on bus 3. */
function busOf(sysfsName: string | undefined): number | undefined {
  const bus = /^(\d+)-/.exec(sysfsName ?? '')?.[1];
  return bus === undefined ? undefined : Number(bus);
}
