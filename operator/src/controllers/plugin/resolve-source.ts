import type { AutoWeavePlugin } from '@autoweave/crds';
import { builtinResources, type KubeClient, type KubeObject } from '@autoweave/platform/kube';
import { faulty, type Outcome } from '../../plugin-fault.ts';

/** Path to text. */
export type SourceFiles = Readonly<Record<string, string>>;

/** The files of a plugin, from where its spec says. @throws KubeError, KubeConnectionError */
export async function resolveSource(
  client: KubeClient,
  plugin: AutoWeavePlugin,
  signal: AbortSignal,
): Promise<Outcome<SourceFiles>> {
  const { configMapRef, files } = plugin.spec.source;
  if (configMapRef === undefined) return { ok: true, value: files ?? {} };
  const target = { namespace: plugin.metadata.namespace, name: configMapRef.name };
  const configMap = await client.get<ConfigMap>(builtinResources.configMap, target, signal);
  if (configMap !== undefined) return { ok: true, value: configMap.data ?? {} };
  return faulty('AW_SOURCE_NOT_FOUND', `there is no ConfigMap ${target.name} in namespace ${target.namespace ?? ''}`);
}

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}
