import {
  conditionTypes,
  defaultPolicyName,
  type AutoWeavePolicy,
  type AutoWeavePolicyFilter,
  type MatchedDevice,
  type UsbDevice,
  type UsbNode,
  type UsbNodeFilters,
} from '@autoweave/crds';
import { findCondition } from '@autoweave/platform/kube';
import { holdersOf } from '../cluster/device-text.ts';
import type { Finding } from './explanation.ts';
import { matchedDevice } from './plugin-match.ts';

/** What the cluster says besides the device and the plugins. */
export interface DeviceWorld {
  readonly policy: AutoWeavePolicy | undefined;
  /** By name; of the nodes that hold or held the device. */
  readonly nodes: ReadonlyMap<string, UsbNode>;
}

/** What about the device and its nodes keeps every plugin from it, or may. */
export function deviceFindings(device: UsbDevice, world: DeviceWorld): readonly Finding[] {
  return [
    ...attachmentFindings(device),
    ...nodeNames(device).flatMap((node) => filterFindings(device, node, world)),
    ...holdersOf(device).flatMap(({ nodeName }) => nodeFindings(nodeName, world.nodes.get(nodeName))),
    ...wishFindings(device),
  ];
}

function nodeNames({ status }: UsbDevice): readonly string[] {
  return (status?.attachments ?? []).map(({ nodeName }) => nodeName);
}

function attachmentFindings(device: UsbDevice): readonly Finding[] {
  const holders = holdersOf(device).map(({ nodeName }) => nodeName);
  if (holders.length > 1) {
    const message = `Plugged in at several nodes at once (${holders.join(', ')}): nothing is routed to it until one is left`;
    return [{ severity: 'Blocks', message }];
  }
  if (holders.length === 1) return [];
  const message = nodeNames(device).length === 0 ? 'No agent has seen it yet' : 'No node holds it now';
  return [{ severity: 'Info', message: `${message}; plugins are told when it is plugged in` }];
}

function filterFindings(device: UsbDevice, node: string, { policy, nodes }: DeviceWorld): readonly Finding[] {
  const own = nodes.get(node)?.spec?.filters;
  const filters = own ?? policy?.spec.devices?.filters;
  const reason = filters === undefined ? undefined : filterReason(matchedDevice(device), filters);
  if (reason === undefined) return [];
  const place =
    own === undefined ? `AutoWeavePolicy ${defaultPolicyName} (spec.devices.filters` : `UsbNode ${node} (spec.filters`;
  return [
    {
      severity: 'Blocks',
      message: `${place}.${reason}) leaves it out at node ${node}: it is neither listed nor told of`,
    },
  ];
}

/** Deny wins; an empty allow list allows all. */
function filterReason(device: MatchedDevice, { allow = [], deny = [] }: UsbNodeFilters): string | undefined {
  const denied = deny.findIndex((filter) => matchesFilter(device, filter));
  if (denied >= 0) return `deny[${denied}]`;
  return allow.length === 0 || allow.some((filter) => matchesFilter(device, filter)) ? undefined : 'allow';
}

function matchesFilter(device: MatchedDevice, { vendorId, productId, deviceClass }: AutoWeavePolicyFilter): boolean {
  return (
    (vendorId === undefined || vendorId === device.vendorId) &&
    (productId === undefined || productId === device.productId) &&
    (deviceClass === undefined || device.classes.includes(deviceClass))
  );
}

function nodeFindings(name: string, node: UsbNode | undefined): readonly Finding[] {
  if (node === undefined)
    return [{ severity: 'Warning', message: `No agent has registered node ${name}: what is said here may be old` }];
  const ready = findCondition(node.status?.conditions ?? [], conditionTypes.ready);
  if (ready === undefined || ready.status === 'True') return [];
  return [
    { severity: 'Warning', message: `The agent of node ${name} is not Ready: ${ready.reason}: ${ready.message}` },
  ];
}

/** Fields of the spec that nothing acts on yet, so that nobody relies on them. */
const idleFields = ['blocked', 'namespace', 'allowedNodes'] as const;

function wishFindings({ spec = {} }: UsbDevice): readonly Finding[] {
  return idleFields
    .filter((field) => spec[field] !== undefined && spec[field] !== false)
    .map((field) => ({ severity: 'Info', message: `spec.${field} is set, but nothing acts on it yet` }));
}
