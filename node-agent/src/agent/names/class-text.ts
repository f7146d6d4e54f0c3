import type { UsbDescriptor } from '@autoweave/crds';

/**
 * What a device is, by the class of an interface, the most telling first: a webcam has a microphone, a hub nothing else.
 * Codes: USB-IF, Defined Class Codes.
 */
const classTexts: readonly (readonly [code: string, text: string])[] = [
  ['09', 'hub'],
  ['08', 'storage'],
  ['0e', 'video'],
  ['10', 'audio-video'],
  ['01', 'audio'],
  ['07', 'printer'],
  ['06', 'image'],
  ['0b', 'smart-card'],
  ['0d', 'content-security'],
  ['0f', 'healthcare'],
  ['02', 'cdc'],
  ['0a', 'cdc'],
  ['e0', 'wireless'],
  ['03', 'hid'],
  ['05', 'physical'],
  ['dc', 'diagnostic'],
  ['11', 'billboard'],
  ['12', 'type-c-bridge'],
  ['fe', 'application'],
  ['ef', 'miscellaneous'],
  ['ff', 'vendor'],
];

/** Drivers of vendor-specific chips that make a serial port. */
const serialDrivers = new Set([
  'ark3116',
  'ch341',
  'cp210x',
  'ftdi_sio',
  'keyspan',
  'mos7720',
  'mos7840',
  'pl2303',
  'ti_usb_3410_5052',
]);

/** One word for people: `hid`, `storage`, `serial`, …; `unknown` for a class that nobody has defined. */
export function classText({ deviceClass, interfaces }: UsbDescriptor): string {
  const classes = new Set([deviceClass, ...interfaces.map((usbInterface) => usbInterface.class)]);
  const text = classTexts.find(([code]) => classes.has(code))?.[1] ?? 'unknown';
  const isSerial = interfaces.some(
    (usbInterface) =>
      serialDrivers.has(usbInterface.driver) || (usbInterface.class === '02' && usbInterface.subClass === '02'),
  );
  return isSerial && ['cdc', 'vendor', 'miscellaneous', 'unknown'].includes(text) ? 'serial' : text;
}
