import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defaultPolicyName,
  groupVersion,
  resources,
  type AutoWeavePlugin,
  type AutoWeavePolicy,
} from '@autoweave/crds';
import { builtinResources, type KubeClient } from '@autoweave/platform/kube';
import { parse } from 'yaml';

const examples = ['plugins/device-inventory/autoweaveplugin.yaml'];
const root = join(import.meta.dirname, '../../..');
const apply = { fieldManager: 'npm-start', force: true } as const;

/** Namespace of what belongs to AutoWeave itself; the API server alone has the built-in ones only. */
export async function applyNamespace(client: KubeClient, name: string): Promise<void> {
  await client.apply(builtinResources.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, apply);
}

/** The example plugins, and a policy that lets them run although they are not signed. Returns `namespace/name` of each. */
export async function applyExamples(client: KubeClient): Promise<readonly string[]> {
  const plugins = await Promise.all(examples.map(readPlugin));
  const namespaces = new Set(plugins.map(({ metadata }) => metadata.namespace ?? 'default'));
  const policy: AutoWeavePolicy = {
    apiVersion: groupVersion,
    kind: 'AutoWeavePolicy',
    metadata: { name: defaultPolicyName },
    spec: { plugins: { allowUnsigned: [...namespaces].map((namespace) => ({ namespace })) } },
  };
  await client.apply<AutoWeavePolicy>(resources.autoWeavePolicy, policy, apply);
  for (const plugin of plugins) await client.apply<AutoWeavePlugin>(resources.autoWeavePlugin, plugin, apply);
  return plugins.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

async function readPlugin(path: string): Promise<AutoWeavePlugin> {
  return parse(await readFile(join(root, path), 'utf8')) as AutoWeavePlugin;
}
