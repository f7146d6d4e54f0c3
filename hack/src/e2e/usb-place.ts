/** Something that can be plugged in. */
export interface DeskDevice {
  /** Of QEMU, e.g. `usb-kbd`. */
  readonly driver: string;
  /** Empty: it has none. Two with the same are two. */
  readonly serial: string;
}

/** A port of the guest: of one of its host controllers, or behind a hub, as `2.3`. */
export interface Place {
  readonly controller: number;
  readonly port: string;
}

export function placeKey({ controller, port }: Place): string {
  return `usb${controller}.0 port ${port}`;
}

export function isBehind(place: Place, hub: Place): boolean {
  return place.controller === hub.controller && place.port.startsWith(`${hub.port}.`);
}

/** QEMU's stick speaks SuperSpeed, but not behind its hub, which is one of USB 1.1. */
const superSpeedDrivers = new Set(['usb-storage']);

/** The name below /sys/bus/usb/devices: each controller has a bus for USB 2 and, next to it, one for SuperSpeed. */
export function sysfsNameOf({ driver }: DeskDevice, { controller, port }: Place): string {
  const isSuperSpeed = superSpeedDrivers.has(driver) && !port.includes('.');
  return `${controller * 2 + (isSuperSpeed ? 2 : 1)}-${port}`;
}

/**
 * What a device of QEMU tells as its serial number: QEMU takes each byte of UTF-8 for one character, so that `ë` comes
 * as two letters, neither of them ASCII.
 */
export function toldSerial(serial: string): string {
  return Buffer.from(serial, 'utf8').toString('latin1');
}
