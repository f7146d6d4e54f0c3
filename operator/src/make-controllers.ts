import { joinKey, objectKey } from '@autoweave/platform/kube';
import { pluginController } from './controllers/plugin/index.ts';
import { usbDeviceController } from './controllers/usb-device/index.ts';
import type { ControllerPorts, Controllers } from './leader-part.ts';

const grace = { graceMilliseconds: 2_000 };

export function makeControllers(ports: ControllerPorts): Controllers {
  const { plugins, policies, devices, nodes } = ports.state;
  const shared = { ...ports, events: ports.recorder };
  const pluginLife = pluginController({ ...shared, plugins, policies });
  const deviceConditions = usbDeviceController({ ...shared, devices, nodes, policies });
  return {
    start: async () => {
      await Promise.all([pluginLife.start(), deviceConditions.start()]);
    },
    stop: async () => {
      await Promise.all([pluginLife.stop(grace), deviceConditions.stop(grace)]);
    },
    resultRecorded: ({ plugin }) => pluginLife.enqueue(joinKey(plugin)),
    executorsChanged: () => {
      for (const plugin of plugins.list()) pluginLife.enqueue(objectKey(plugin));
    },
  };
}
