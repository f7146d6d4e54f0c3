import type { AutoWeavePluginMatch, AutoWeavePluginUsbPermission } from './generated/index.ts';

/** What triggers and permissions of plugins look at. */
export interface MatchedDevice {
  /** Name of the UsbDevice. */
  readonly deviceName: string;
  readonly vendorId: string;
  readonly productId: string;
  /** Empty when it tells none. */
  readonly serialNumber: string;
  /** Of the device and of all its interfaces: a keyboard tells `00` for itself and `03` for its interface. */
  readonly classes: readonly string[];
}

export type MatchField = keyof AutoWeavePluginMatch;

const valuesOf = {
  vendorIds: ({ vendorId }: MatchedDevice) => [vendorId],
  productIds: ({ productId }: MatchedDevice) => [productId],
  serialNumbers: ({ serialNumber }: MatchedDevice) => [serialNumber],
  deviceNames: ({ deviceName }: MatchedDevice) => [deviceName],
  deviceClasses: ({ classes }: MatchedDevice) => classes,
} as const satisfies Record<MatchField, (device: MatchedDevice) => readonly string[]>;

const fields = Object.keys(valuesOf) as MatchField[];

/** Whether every list that is given has an entry for the device. */
export function matchesDevice(
  match: AutoWeavePluginMatch | AutoWeavePluginUsbPermission,
  device: MatchedDevice,
): boolean {
  const lists: AutoWeavePluginMatch = match;
  return fields.every((field) => allows(lists[field], valuesOf[field](device)));
}

/** The lists that have no entry for the device, which are the reasons why it does not match. */
export function unmatchedFields(
  match: AutoWeavePluginMatch | AutoWeavePluginUsbPermission,
  device: MatchedDevice,
): readonly { readonly field: MatchField; readonly wanted: readonly string[]; readonly found: readonly string[] }[] {
  const lists: AutoWeavePluginMatch = match;
  return fields.flatMap((field) => {
    const wanted = lists[field];
    const found = valuesOf[field](device);
    return wanted === undefined || allows(wanted, found) ? [] : [{ field, wanted, found }];
  });
}

function allows(list: readonly string[] | undefined, values: readonly string[]): boolean {
  return list === undefined || values.some((value) => list.includes(value));
}
