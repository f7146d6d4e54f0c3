import {
  defaultPolicyName,
  labels,
  resources,
  type AutoWeavePlugin,
  type AutoWeavePolicy,
  type UsbDevice,
  type UsbNode,
} from '@autoweave/crds';
import { KubeError, type KubeObject, type Resource } from '@autoweave/platform/kube';
import { deviceState, productText } from '../cluster/device-text.ts';
import { findDevice } from '../cluster/find-device.ts';
import { kinds, type ClusterNode, type Pod } from '../cluster/kinds.ts';
import { listAll } from '../cluster/list-all.ts';
import { given } from '../given.ts';
import type { Session } from '../session.ts';
import { documentText } from '../terminal/documents.ts';
import { deviceFindings } from './device-findings.ts';
import { explainPlugin } from './explain-plugin.ts';
import type { ExplainedAttachment, ExplainedDevice, Explanation } from './explanation.ts';
import { printExplanation } from './print-explanation.ts';

/** @throws AutoWeaveError AW_DEVICE_UNKNOWN, AW_DEVICE_AMBIGUOUS */
export async function explainDevice(session: Session, word: string): Promise<void> {
  const { client, format, output, signal } = session;
  const device = await findDevice(client, word, signal);
  const explanation = await explain(session, device);
  if (format === 'table') await printExplanation(session, explanation);
  else await output.write(documentText(explanation, format));
}

async function explain(session: Session, device: UsbDevice): Promise<Explanation> {
  const { client, now, signal } = session;
  const names = (device.status?.attachments ?? []).map(({ nodeName }) => nodeName);
  const [policy, nodes, plugins, clusterNodes, pods] = await Promise.all([
    client.get<AutoWeavePolicy>(resources.autoWeavePolicy, { name: defaultPolicyName }, signal),
    getEach<UsbNode>(session, resources.usbNode, names),
    listPlugins(session),
    unlessForbidden(getEach<ClusterNode>(session, kinds.node, names)),
    unlessForbidden(listPods(session)),
  ]);
  const findings = deviceFindings(device, { policy, nodes });
  const isDeviceBlocked = findings.some(({ severity }) => severity === 'Blocks');
  const world = { isDeviceBlocked, pods: { pods, nodes: clusterNodes }, now: now() };
  return {
    device: describe(device),
    attachments: attachmentsOf(device),
    findings,
    plugins: plugins.map((plugin) => explainPlugin(plugin, device, world)).toSorted(byVerdict),
  };
}

const order = ['Runs', 'Waits', 'Blocked', 'NoMatch'] as const;

function byVerdict(left: Explanation['plugins'][number], right: Explanation['plugins'][number]): number {
  const rank = order.indexOf(left.verdict) - order.indexOf(right.verdict);
  return rank === 0 ? left.plugin.localeCompare(right.plugin) : rank;
}

async function getEach<T extends KubeObject>(
  { client, signal }: Session,
  resource: Resource,
  names: readonly string[],
): Promise<ReadonlyMap<string, T>> {
  const objects = await Promise.all(names.map((name) => client.get<T>(resource, { name }, signal)));
  return new Map(objects.flatMap((object) => (object === undefined ? [] : [[object.metadata.name, object] as const])));
}

async function listPlugins({ client, namespace, signal }: Session): Promise<readonly AutoWeavePlugin[]> {
  const request = { namespace, pageSize: 50, keep: withoutSource, signal };
  return (await listAll(client, resources.autoWeavePlugin, request)).items;
}

/** Nobody reads the files of the plugins here. */
function withoutSource({ spec, ...plugin }: AutoWeavePlugin): AutoWeavePlugin {
  return { ...plugin, spec: { ...spec, source: {} } };
}

async function listPods({ client, namespace, signal }: Session): Promise<readonly Pod[]> {
  const request = { namespace, labelSelector: labels.plugin, keep: withoutSpec, signal };
  return (await listAll(client, kinds.pod, request)).items;
}

function withoutSpec({ spec, ...pod }: Pod): Pod {
  return { ...pod, spec: given({ nodeName: spec.nodeName }) };
}

async function unlessForbidden<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return undefined;
    throw error;
  }
}

function describe(device: UsbDevice): ExplainedDevice {
  const { identity, descriptor } = device.status ?? {};
  const optional = given({
    alias: device.spec?.alias,
    product: productText(device) || undefined,
    id: descriptor?.id,
    class: descriptor?.class,
    serialNumber: identity?.serialNumber,
    identityQuality: identity?.quality,
  });
  return { name: device.metadata.name, state: deviceState(device), ...optional };
}

function attachmentsOf({ status }: UsbDevice): readonly ExplainedAttachment[] {
  return (status?.attachments ?? []).map(({ nodeName, present, portPath, since, drivers = [] }) => ({
    node: nodeName,
    present,
    ...given({ port: portPath, since }),
    drivers,
  }));
}
