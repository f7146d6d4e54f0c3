/** What a kernel uevent says of one USB device. */
export interface Uevent {
  /** `change`: a driver was bound to, or unbound from, the device or an interface of it, or the kernel says so. */
  readonly action: 'add' | 'remove' | 'change';
  /** Name of the device, also when an interface of it is told of. */
  readonly sysfsName: string;
  /** Path of the device below /sys. */
  readonly devicePath: string;
  /** 0 in the uevent of an interface. */
  readonly busNumber: number;
  /** 0 in the uevent of an interface. */
  readonly deviceAddress: number;
  /** 4 lowercase hex digits. */
  readonly vendorId: string;
  readonly productId: string;
  readonly kernelSequence: bigint;
}

/** The kernel builds a uevent in 2,048 bytes, plus its header line (`struct kobj_uevent_env`). */
export const longestUevent = 8192;

const actions: ReadonlyMap<string, Uevent['action']> = new Map([
  ['add', 'add'],
  ['remove', 'remove'],
  ['change', 'change'],
  ['bind', 'change'],
  ['unbind', 'change'],
]);

const deviceName = /^\d+-\d+(?:\.\d+)*$/;
const interfaceName = /^(\d+-\d+(?:\.\d+)*):\d+\.\d+$/;

/**
 * Reads one netlink message: `action@devpath`, then `KEY=value` pairs, each ended by NUL. Undefined for whatever is not
 * about a USB device or is not what the kernel would send. Never throws. Root hubs are left out.
 */
export function parseUevent(message: Buffer): Uevent | undefined {
  const values = valuesOf(message);
  if (values?.get('SUBSYSTEM') !== 'usb') {
    return undefined;
  }
  const action = actions.get(values.get('ACTION') ?? '');
  const identifiers = identifiersOf(values);
  if (action === undefined || !identifiers) {
    return undefined;
  }
  const kind = values.get('DEVTYPE');
  if (kind === 'usb_device') {
    return deviceUevent(action, values, identifiers);
  }
  return kind === 'usb_interface' ? interfaceUevent(action, values, identifiers) : undefined;
}

/** The pairs of a message whose header agrees with them and whose path stays below the root of sysfs. */
function valuesOf(message: Buffer): ReadonlyMap<string, string> | undefined {
  if (message.length > longestUevent) {
    return undefined;
  }
  const [header = '', ...pairs] = message.toString('utf8').split('\0');
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, equals);
    // The kernel never repeats a key, so a second value is none of its.
    if (equals > 0 && !values.has(key)) {
      values.set(key, pair.slice(equals + 1));
    }
  }
  // A path may itself hold an '@', so only the first one splits.
  const at = header.indexOf('@');
  const devicePath = header.slice(at + 1);
  const isConsistent = values.get('ACTION') === header.slice(0, at) && values.get('DEVPATH') === devicePath;
  return at > 0 && isConsistent && isCanonicalPath(devicePath) ? values : undefined;
}

type Identifiers = Pick<Uevent, 'vendorId' | 'productId' | 'kernelSequence'>;

type Values = ReadonlyMap<string, string>;

function deviceUevent(action: Uevent['action'], values: Values, identifiers: Identifiers): Uevent | undefined {
  const devicePath = values.get('DEVPATH') ?? '';
  const sysfsName = lastPart(devicePath);
  const busNumber = smallNumber(values.get('BUSNUM'));
  const deviceAddress = smallNumber(values.get('DEVNUM'));
  if (!deviceName.test(sysfsName) || busNumber === 0 || deviceAddress === 0) {
    return undefined;
  }
  return { action, sysfsName, devicePath, busNumber, deviceAddress, ...identifiers };
}

/** Interfaces come and go with their device; only a driver that is bound later is news. */
function interfaceUevent(action: Uevent['action'], values: Values, identifiers: Identifiers): Uevent | undefined {
  const path = values.get('DEVPATH') ?? '';
  const devicePath = path.slice(0, path.lastIndexOf('/'));
  const sysfsName = interfaceName.exec(lastPart(path))?.[1];
  if (action !== 'change' || sysfsName === undefined || lastPart(devicePath) !== sysfsName) {
    return undefined;
  }
  return { action, sysfsName, devicePath, busNumber: 0, deviceAddress: 0, ...identifiers };
}

function identifiersOf(values: Values): Identifiers | undefined {
  const product = /^([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/[0-9a-f]{1,4}$/.exec(values.get('PRODUCT') ?? '');
  const sequence = values.get('SEQNUM') ?? '';
  if (!product || !/^\d{1,20}$/.test(sequence)) {
    return undefined;
  }
  const [, vendorId = '', productId = ''] = product;
  return {
    vendorId: vendorId.padStart(4, '0'),
    productId: productId.padStart(4, '0'),
    kernelSequence: BigInt(sequence),
  };
}

function smallNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number.parseInt(text, 10) : 0;
}

/** Absolute and without `.` and `..`: what is read later must lie below the root of sysfs. */
function isCanonicalPath(path: string): boolean {
  return (
    path.startsWith('/devices/') &&
    path
      .slice(1)
      .split('/')
      .every((part) => !['', '.', '..'].includes(part))
  );
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
