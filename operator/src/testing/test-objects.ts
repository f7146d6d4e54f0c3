import {
  defaultPolicyName,
  hotplugEventFields,
  redisKeys,
  resources,
  textDigest,
  type AutoWeavePlugin,
  type AutoWeavePolicy,
  type HotplugEvent,
  type UsbDevice,
  type UsbNode,
} from '@autoweave/crds';
import { builtinResources, type EventObject, type KubeClient, type KubeObject } from '@autoweave/platform/kube';
import type { Redis } from '@autoweave/platform/redis';

const manager = { fieldManager: 'test', force: true };

export async function createNamespace(client: KubeClient, name: string): Promise<void> {
  await client.create<KubeObject>(builtinResources.namespace, { metadata: { name } });
}

/** A plugin that hears of every device, in the state in which the plugin controller leaves one that runs. */
export async function createListeningPlugin(
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<AutoWeavePlugin> {
  const metadata = { namespace, name };
  const plugin = await client.apply<AutoWeavePlugin>(
    resources.autoWeavePlugin,
    {
      metadata,
      spec: { source: { configMapRef: { name: 'files' } }, triggers: [{ actions: ['attach', 'detach'] }] },
    },
    manager,
  );
  const bundle = { name, version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` };
  return client.apply<AutoWeavePlugin>(
    resources.autoWeavePlugin,
    {
      metadata,
      status: {
        phase: 'Running',
        observedGeneration: plugin.metadata.generation,
        bundle,
        limits: { memoryMegabytes: 64, timeoutSeconds: 30 },
        permissions: { usb: [{ operation: 'monitor' }] },
      },
    },
    { ...manager, subresource: 'status' },
  );
}

/** A plugin of one small file that hears of devices which come. */
export async function createPlugin(client: KubeClient, namespace: string, name: string): Promise<void> {
  const code = 'export default { onAttach() {} };\n';
  const manifest = {
    manifestVersion: 1,
    name,
    version: '1.0.0',
    entry: 'index.js',
    files: { 'index.js': textDigest(code) },
    permissions: { usb: [{ operation: 'monitor' }] },
  };
  const files = { 'autoweave.plugin.json': JSON.stringify(manifest), 'index.js': code };
  const spec = { source: { files }, triggers: [{ actions: ['attach'] }] } as const;
  await client.apply<AutoWeavePlugin>(resources.autoWeavePlugin, { metadata: { namespace, name }, spec }, manager);
}

export async function readPlugin(
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<AutoWeavePlugin | undefined> {
  return client.get<AutoWeavePlugin>(resources.autoWeavePlugin, { namespace, name });
}

export async function allowUnsigned(client: KubeClient, namespace: string): Promise<void> {
  const spec = { plugins: { allowUnsigned: [{ namespace }] } };
  const metadata = { name: defaultPolicyName };
  await client.apply<AutoWeavePolicy>(resources.autoWeavePolicy, { metadata, spec }, manager);
}

export async function createUsbNode(client: KubeClient, name: string): Promise<void> {
  await client.apply<UsbNode>(resources.usbNode, { metadata: { name } }, manager);
}

/** The UsbDevice of an event, present at exactly these nodes. */
export async function placeDevice(client: KubeClient, event: HotplugEvent, nodes: readonly string[]): Promise<void> {
  const metadata = { name: event.deviceName };
  await client.apply<UsbDevice>(resources.usbDevice, { metadata }, manager);
  const { vendorId, productId, deviceSignature: signature, identityQuality: quality } = event;
  const status = {
    identity: { vendorId, productId, signature, quality },
    attachments: nodes.map((nodeName) => ({ nodeName, present: true })),
  };
  await client.apply<UsbDevice>(resources.usbDevice, { metadata, status }, { ...manager, subresource: 'status' });
}

export async function publish(redis: Redis, event: HotplugEvent): Promise<void> {
  await redis.xadd(redisKeys.hotplugStream, '*', ...hotplugEventFields(event).flat());
}

/** Reasons of the Events about plugins of a namespace. */
export async function pluginEvents(client: KubeClient, namespace: string): Promise<readonly string[]> {
  const { items } = await client.list<EventObject>(builtinResources.event, { namespace });
  return items.filter(({ regarding }) => regarding.kind === 'AutoWeavePlugin').map(({ reason }) => reason);
}
