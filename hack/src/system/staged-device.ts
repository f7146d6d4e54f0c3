import type { ScannedDevice } from '@autoweave/node-agent/testing';

const controller = '/devices/pci0000:00/0000:00:14.0/usb1';

/** A stick with a serial number of its own, in one port of bus 1. */
export function stagedDevice(port: number, address: number): ScannedDevice {
  const sysfsName = `1-${port}`;
  return {
    sysfsName,
    devicePath: `${controller}/${sysfsName}`,
    busNumber: 1,
    deviceAddress: address,
    portPath: String(port),
    vendorId: '0951',
    productId: '1666',
    manufacturer: 'Kingston',
    product: 'DataTraveler 3.0',
    serialNumber: `BENCH${String(port).padStart(8, '0')}`,
    descriptor: {
      deviceClass: '00',
      deviceSubClass: '00',
      deviceProtocol: '00',
      usbVersion: '2.10',
      deviceVersion: '0.01',
      configurations: 1,
      speedMegabits: 480,
      interfaces: [{ number: 0, class: '08', subClass: '06', protocol: '50', driver: 'usb-storage' }],
    },
  };
}

/** What all contenders tell of an event, each in its own words: `1-7/12/attach`. */
export function eventKey(event: { device: string; address: number; action: string }): string {
  return `${event.device}/${event.address}/${event.action}`;
}
