import { type AutoWeavePolicy, defaultPolicyName, type UsbDevice, type UsbNode } from '@autoweave/crds';
import { Controller, type EventRecorder, type Informer, type KubeClient } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { Clock } from '../../ports.ts';
import { TokenBucket } from '../../token-bucket.ts';
import { AbsentDevices } from './absent-devices.ts';
import { DeviceEffects } from './apply.ts';
import { MissingNodes } from './missing-nodes.ts';
import { type DeviceLimits, reconcileDevice } from './reconcile.ts';

export interface UsbDeviceControllerOptions {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly devices: Informer<UsbDevice>;
  readonly nodes: Informer<UsbNode>;
  readonly policies: Informer<AutoWeavePolicy>;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
}

/**
 * Derives the conditions of UsbDevices from what the agents report, tells of changes by Kubernetes Events, and removes
 * what has been away for long. Informers and controller are started by the caller.
 */
export function usbDeviceController(options: UsbDeviceControllerOptions): Controller {
  const { client, clock, devices, events, metrics, nodes, policies } = options;
  const logger = options.logger.child({ controller: 'usb-device' });
  const absentDevices = new AbsentDevices();
  // A replica has followed the cluster for long before it leads.
  for (const device of devices.list()) absentDevices.update(device.metadata.name, device);
  devices.onChange((name, device) => absentDevices.update(name, device));
  const budget = new TokenBucket({ burst: 100, perSecond: 2, now: () => performance.now() });
  const suppressed = metrics.counter({
    name: 'autoweave_device_events_suppressed_total',
    help: 'Kubernetes Events about unexpected devices that were left out, because there were too many.',
  });
  const reconciler = {
    effects: new DeviceEffects({ client, events, budget, suppressed, logger }),
    device: (name: string) => devices.get(name),
    limits: () => deviceLimits(policies.get(defaultPolicyName)),
    absentDevices,
    node: (name: string) => nodes.get(name),
    missingNodes: new MissingNodes((nodeName) => nodes.get(nodeName) !== undefined),
    enqueue: (name: string) => controller.enqueue(name),
    clock,
  };
  const controller: Controller = new Controller({
    name: 'usb-device',
    logger,
    metrics,
    reconcile: (name, signal) => reconcileDevice(reconciler, name, signal),
  });
  return controller
    .watch(devices)
    .watch(nodes, (nodeName, node, previous) =>
      (node === undefined) === (previous === undefined) && node?.status?.statedEpoch === previous?.status?.statedEpoch
        ? []
        : namesAt(nodeName, devices.list()),
    )
    .watch(policies, (_name, policy, previous) =>
      policy?.metadata.generation === previous?.metadata.generation ? [] : namesOf(devices.list()),
    );
}

/** The defaults are those of the CRD, for a cluster without a policy. */
function deviceLimits(policy: AutoWeavePolicy | undefined): DeviceLimits {
  const { maxUnexpectedPerNode = 500, retentionHours = 24 } = policy?.spec.devices ?? {};
  return { maxUnexpectedPerNode, retentionHours };
}

function namesAt(nodeName: string, devices: readonly UsbDevice[]): string[] {
  return namesOf(
    devices.filter(({ status }) => status?.attachments?.some((attachment) => attachment.nodeName === nodeName)),
  );
}

function namesOf(devices: readonly UsbDevice[]): string[] {
  return devices.map(({ metadata }) => metadata.name);
}
