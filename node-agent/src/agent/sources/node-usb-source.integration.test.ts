import { describe, expect, it } from 'vitest';
import type { ScannedDevice } from '../ports.ts';
import { describeUsbSource } from './testing/describe-usb-source.ts';
import { NodeUsbProcess } from './testing/node-usb-process.ts';

describeUsbSource('npm usb', async () => {
  const process = new NodeUsbProcess();
  return {
    source: process,
    plug: async (device) => {
      await process.ask({ type: 'plug', device });
      return withoutOpening(device);
    },
    unplug: async (device) => {
      await process.ask({ type: 'unplug', device });
    },
    dispose: async () => process.stop(),
  };
});

describe('the npm usb source', () => {
  it('says that there is no USB tree, and works when there is one again', async () => {
    const { signal } = new AbortController();
    const usb = new NodeUsbProcess();
    await usb.scan(signal);
    await usb.ask({ type: 'dropTree' });
    await expect(usb.scan(signal)).rejects.toMatchObject({ code: 'AW_USB_UNAVAILABLE' });
    await usb.stop();
  });
});

/** There are no device nodes for these devices, and npm usb has to open a device for its configurations. */
function withoutOpening(device: ScannedDevice): ScannedDevice {
  return { ...device, descriptor: { ...device.descriptor, configurations: 0, interfaces: [] } };
}
