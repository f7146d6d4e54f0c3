import { choice, loadConfig } from '@autoweave/platform/config';
import { agentSettings } from './config.ts';
import { UsbIds } from './names/usb-ids.ts';
import { printDevices } from './print/print-devices.ts';
import { scanDevices } from './print/scan-devices.ts';
import { makeUsbParts } from './usb-parts.ts';

/** `autoweave-agent print`: writes the devices of this machine to standard output. @returns The exit code. */
export async function printCommand(given: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
}): Promise<number> {
  const { nodeName, usbSource, sysfsRoot, devRoot } = agentSettings;
  const config = loadConfig({
    name: 'autoweave-agent print',
    description: 'Lists the USB devices of this machine.',
    settings: {
      nodeName,
      usbSource,
      sysfsRoot,
      devRoot,
      output: { description: 'table or json.', schema: choice(['table', 'json']), default: 'table' },
    },
    ...given,
  });
  const usb = await makeUsbParts(config);
  try {
    const devices = await scanDevices({
      source: usb.source,
      nodeName: config.nodeName,
      distrusted: { has: () => false },
      now: Date.now(),
      signal: AbortSignal.timeout(30_000),
    });
    process.stdout.write(await printDevices(devices, { format: config.output, usbIds: new UsbIds() }));
    return 0;
  } finally {
    usb.dispose?.();
  }
}
