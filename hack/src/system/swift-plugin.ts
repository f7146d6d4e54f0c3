import {
  type AutoWeavePlugin,
  type AutoWeavePolicy,
  defaultPolicyName,
  type PluginManifest,
  resources,
  textDigest,
} from '@autoweave/crds';
import { builtinResources, type KubeClient } from '@autoweave/platform/kube';
import { setTimeout as delay } from 'node:timers/promises';

export const swiftPlugin = { namespace: 'swift', name: 'swift' } as const;
const { namespace, name } = swiftPlugin;
const fieldManager = 'autoweave-system-test';

/** Answers at once: what is measured is the way to it. */
const source = `export default {
  onAttach: ({ device }) => ({ came: device.name }),
  onDetach: ({ device }) => ({ went: device.name }),
};
`;

const manifest: PluginManifest = {
  manifestVersion: 1,
  name,
  version: '1.0.0',
  entry: 'index.js',
  type: 'device-handler',
  files: { 'index.js': textDigest(source) },
  permissions: { usb: [{ operation: 'monitor' }] },
};

/** Applies a plugin for every attach and detach. Resolves when it runs. @throws Error when it does not within a minute. */
export async function runSwiftPlugin(client: KubeClient): Promise<void> {
  await client.apply<AutoWeavePolicy>(
    resources.autoWeavePolicy,
    { metadata: { name: defaultPolicyName }, spec: { plugins: { allowUnsigned: [{ namespace }] } } },
    { fieldManager },
  );
  await client.apply(builtinResources.namespace, { metadata: { name: namespace } }, { fieldManager });
  await client.apply<AutoWeavePlugin>(
    resources.autoWeavePlugin,
    {
      metadata: { name, namespace },
      spec: {
        source: { files: { 'autoweave.plugin.json': JSON.stringify(manifest), 'index.js': source } },
        triggers: [{ actions: ['attach', 'detach'] }],
      },
    },
    { fieldManager },
  );
  let phase: string | undefined;
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const plugin = await client.get<AutoWeavePlugin>(resources.autoWeavePlugin, { namespace, name });
    phase = plugin?.status?.phase;
    if (phase === 'Running') return;
    await delay(100);
  }
  throw new Error(`The plugin does not run: its phase is ${phase}`);
}
