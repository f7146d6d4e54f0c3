import type { DeviceInfo, UsbInterface } from '@autoweave/sdk';

/** What a device is for people. */
export type Category =
  | 'keyboard'
  | 'mouse'
  | 'input'
  | 'storage'
  | 'phone'
  | 'serial'
  | 'network'
  | 'camera'
  | 'audio'
  | 'printer'
  | 'hub'
  | 'security key'
  | 'smart card reader'
  | 'bluetooth'
  | 'unknown';

export type Classification = {
  readonly category: Category;
  /** Why, in words, so that a wrong guess can be understood. */
  readonly reason: string;
};

type Rule = (device: DeviceInfo, interfaces: readonly UsbInterface[]) => Classification | undefined;

/**
 * The category of a device, from what it says about itself. The first rule that applies wins: what a device is bought
 * for stands before what it also is (a phone offers storage, a headset has buttons that count as input).
 */
export function classify(device: DeviceInfo): Classification {
  const interfaces = device.descriptor?.interfaces ?? [];
  for (const rule of rules) {
    const found = rule(device, interfaces);
    if (found !== undefined) return found;
  }
  return { category: 'unknown', reason: unknownReason(device) };
}

/** Vendors that make hardly anything else: their keys also are keyboards and card readers, and not all say FIDO. */
const securityKeyVendors = new Map([
  ['1050', 'Yubico'],
  ['349e', 'Token2'],
]);

/** USB to serial converters have a vendor-specific class; the vendor tells. */
const serialConverters = new Map([
  ['0403', 'FTDI'],
  ['10c4', 'Silicon Labs'],
  ['067b', 'Prolific'],
  ['1a86', 'WCH'],
]);

const phoneVendors = new Map([
  ['05ac', 'Apple'],
  ['18d1', 'Google'],
  ['04e8', 'Samsung'],
  ['2717', 'Xiaomi'],
  ['22b8', 'Motorola'],
]);

/** Drivers that the kernel binds only to serial ports. */
const serialDrivers = new Set(['ftdi_sio', 'cp210x', 'pl2303', 'ch341', 'cdc_acm']);

const rules: readonly Rule[] = [
  ({ descriptor, interfaceClasses }) =>
    descriptor?.deviceClass === '09' || interfaceClasses.includes('09')
      ? { category: 'hub', reason: 'class 09 (hub)' }
      : undefined,

  ({ vendorId, product, interfaceClasses }) => {
    const vendor = securityKeyVendors.get(vendorId);
    if (!interfaceClasses.includes('03')) return undefined;
    if (vendor !== undefined)
      return { category: 'security key', reason: `class 03 (HID) by ${vendor}, vendor ${vendorId}` };
    if (!/\b(fido2?|u2f|security key)\b/i.test(product)) return undefined;
    return { category: 'security key', reason: 'class 03 (HID), and its product name tells of FIDO' };
  },

  ({ vendorId, interfaceClasses }, interfaces) => {
    if (interfaces.some((it) => it.class === 'ff' && it.subClass === '42' && it.protocol === '01')) {
      return { category: 'phone', reason: 'interface ff/42/01 (Android debug bridge)' };
    }
    if (!interfaceClasses.includes('06')) return undefined;
    const vendor = phoneVendors.get(vendorId);
    if (vendor === undefined) return { category: 'camera', reason: 'class 06 (image)' };
    return { category: 'phone', reason: `class 06 (image) by ${vendor}, vendor ${vendorId}` };
  },

  ({ interfaceClasses }) =>
    interfaceClasses.includes('0e') ? { category: 'camera', reason: 'class 0e (video)' } : undefined,
  ({ interfaceClasses }) =>
    interfaceClasses.includes('07') ? { category: 'printer', reason: 'class 07 (printer)' } : undefined,
  ({ interfaceClasses }) =>
    interfaceClasses.includes('01') ? { category: 'audio', reason: 'class 01 (audio)' } : undefined,

  ({ interfaceClasses }, interfaces) => {
    if (interfaces.some((it) => it.class === 'e0' && it.subClass === '01' && it.protocol === '01')) {
      return { category: 'bluetooth', reason: 'interface e0/01/01 (Bluetooth)' };
    }
    if (interfaces.some((it) => it.class === 'e0' && it.subClass === '01' && it.protocol === '03')) {
      return { category: 'network', reason: 'interface e0/01/03 (RNDIS)' };
    }
    return interfaceClasses.includes('0b')
      ? { category: 'smart card reader', reason: 'class 0b (smart card)' }
      : undefined;
  },

  (_, interfaces) => {
    // USB CDC 1.2, table 4: 06 Ethernet, 0c Ethernet emulation, 0d network control model, 0e mobile broadband.
    const network = interfaces.find((it) => it.class === '02' && ['06', '0c', '0d', '0e'].includes(it.subClass));
    if (network !== undefined) return { category: 'network', reason: `interface 02/${network.subClass} (CDC network)` };
    const modem = interfaces.find((it) => it.class === '02' && it.subClass === '02');
    return modem === undefined ? undefined : { category: 'serial', reason: 'interface 02/02 (CDC serial)' };
  },

  ({ vendorId, interfaceClasses }, interfaces) => {
    const driver = interfaces.map((it) => it.driver).find((name) => serialDrivers.has(name));
    if (driver !== undefined) return { category: 'serial', reason: `driver ${driver}` };
    const vendor = serialConverters.get(vendorId);
    if (vendor === undefined || !interfaceClasses.includes('ff')) return undefined;
    return { category: 'serial', reason: `class ff (vendor) by ${vendor}, vendor ${vendorId}` };
  },

  ({ interfaceClasses }) =>
    interfaceClasses.includes('08') ? { category: 'storage', reason: 'class 08 (mass storage)' } : undefined,

  ({ interfaceClasses }, interfaces) => {
    // HID 1.11, 4.2 and 4.3: only keyboards and mice with a boot interface can be told apart without the report.
    if (interfaces.some((it) => it.class === '03' && it.protocol === '01')) {
      return { category: 'keyboard', reason: 'interface 03, protocol 01 (keyboard)' };
    }
    if (interfaces.some((it) => it.class === '03' && it.protocol === '02')) {
      return { category: 'mouse', reason: 'interface 03, protocol 02 (mouse)' };
    }
    return interfaceClasses.includes('03') ? { category: 'input', reason: 'class 03 (HID)' } : undefined;
  },

  ({ interfaceClasses }) =>
    interfaceClasses.includes('02') ? { category: 'serial', reason: 'class 02 (communication)' } : undefined,
];

function unknownReason({ interfaceClasses }: DeviceInfo): string {
  if (interfaceClasses.length === 0) return 'it told no class before it was gone';
  return `no rule for ${interfaceClasses.map((name) => `class ${name}`).join(', ')}`;
}
