import { joinKey, objectKey } from '@autoweave/platform/kube';
import { nodeLabelsController } from './controllers/node-labels/index.ts';
import { pluginController } from './controllers/plugin/index.ts';
import { usbDeviceController } from './controllers/usb-device/index.ts';
import { workloadsController } from './controllers/workloads/index.ts';
import type { ControllerPorts, Controllers } from './leader-part.ts';
import { Placements } from './workloads/placements.ts';
import { WorkloadFaults } from './workloads/workload-faults.ts';

const grace = { graceMilliseconds: 2_000 };

export function makeControllers(ports: ControllerPorts): Controllers {
  const { clusterNodes, devices, nodes, places, plugins, policies, workloads } = ports.state;
  const { runnerPods } = ports;
  const shared = { ...ports, events: ports.recorder };
  const faults = new WorkloadFaults();
  // Before the controllers, which read it when something changes.
  const placements = workloads && places && new Placements({ plugins, clusterNodes, workloads, places, faults });
  const pluginLife = pluginController({ ...shared, plugins, policies, placements });
  const controllers = [
    pluginLife,
    usbDeviceController({ ...shared, devices, nodes, policies }),
    nodeLabelsController({ ...shared, devices, plugins, clusterNodes }),
    ...(workloads === undefined || runnerPods === undefined
      ? []
      : [workloadsController({ ...shared, runnerPods, plugins, policies, workloads, faults })]),
  ];
  return {
    start: async () => {
      await Promise.all(controllers.map((controller) => controller.start()));
    },
    stop: async () => {
      await Promise.all(controllers.map((controller) => controller.stop(grace)));
    },
    resultRecorded: ({ plugin }) => pluginLife.enqueue(joinKey(plugin)),
    executorsChanged: () => {
      for (const plugin of plugins.list()) pluginLife.enqueue(objectKey(plugin));
    },
  };
}
