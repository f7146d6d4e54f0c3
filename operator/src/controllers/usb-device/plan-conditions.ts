import { conditionTypes, type Condition, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';
import { removeCondition, setCondition } from '@autoweave/platform/kube';

/** Reasons of the conditions of a UsbDevice. */
export const deviceReasons = {
  /** One node holds it. */
  attached: 'Attached',
  /** No node holds it. */
  detached: 'Detached',
  /** No node holds it, though it is expected. */
  missing: 'Missing',
  /** Two nodes hold it at once. */
  onSeveralNodes: 'PresentOnSeveralNodes',
} as const;

/** The conditions of a device, from where it is. */
export function planConditions(device: UsbDevice, now: Date): readonly Condition[] {
  const attachments = device.status?.attachments ?? [];
  const holders = attachments.filter(({ present }) => present);
  const observedGeneration = device.metadata.generation;
  const state = deviceState(device, holders);
  const generation = observedGeneration === undefined ? {} : { observedGeneration };
  let conditions: readonly Condition[] = device.status?.conditions ?? [];
  const set = (type: string, holds: boolean, reason: string): void => {
    const status = holds ? 'True' : 'False';
    conditions = setCondition(conditions, { type, status, reason, message: state.message, ...generation }, now);
  };
  set(conditionTypes.attached, holders.length > 0, state.isConflict ? deviceReasons.attached : state.reason);
  set(conditionTypes.ready, holders.length === 1, state.reason);
  if (state.isConflict) set(conditionTypes.conflicted, true, state.reason);
  else conditions = removeCondition(conditions, conditionTypes.conflicted);
  return conditions;
}

interface DeviceState {
  readonly reason: string;
  readonly message: string;
  readonly isConflict: boolean;
}

function deviceState(device: UsbDevice, holders: readonly UsbDeviceAttachment[]): DeviceState {
  const [first, second] = holders;
  if (second !== undefined) {
    const nodes = holders.map(({ nodeName }) => nodeName).join(', ');
    const message = `Plugged in at several nodes at once: ${nodes}. Nothing is routed to it until one device is left; two devices may tell the same serial number`;
    return { reason: deviceReasons.onSeveralNodes, message, isConflict: true };
  }
  if (first !== undefined) {
    return { reason: deviceReasons.attached, message: `Plugged in at ${place(first)}`, isConflict: false };
  }
  const reason = device.spec?.expected === true ? deviceReasons.missing : deviceReasons.detached;
  return { reason, message: 'No node holds the device', isConflict: false };
}

/** e.g. `node desk-1, port 1.4` */
export function place({ nodeName, portPath }: UsbDeviceAttachment): string {
  return portPath === undefined ? `node ${nodeName}` : `node ${nodeName}, port ${portPath}`;
}
