import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { PluginPermissions } from '@autoweave/crds';
import type { RunnablePlugin } from '../ports.ts';
import { bundleOf, revisionOf } from './executor-bench.ts';
import type { RunnerBench } from './runner-bench.ts';

/** Counts its calls in memory; `wait` never ends, and leaves a trace in the store. */
const counting = `let n = 0; export default { onJob: async (job, { store }) => {
  n += 1;
  if (job.payload === 'wait') { await store.set('running', n); for (;;) await store.get('x'); }
  return n;
} };`;

/** The plugin `p`: a bundle that runs in an isolate. */
export function isolatePlugin(bench: RunnerBench, runtime: 'Thread' | 'Pod', source = counting): RunnablePlugin {
  const permissions: PluginPermissions = { usb: [{ operation: 'monitor' }], storage: { maxKeys: 100 } };
  const bundle = bundleOf(source, permissions);
  const revision = revisionOf(bundle, { runtime });
  bench.bundles.set(revision.bundleDigest, bundle);
  return { key: { namespace: bench.pods.namespace, name: 'p' }, revision };
}

/** The plugin `p`: an image, and of the bundle nothing but a manifest. */
export function imagePlugin(bench: RunnerBench, timeoutSeconds = 10): RunnablePlugin {
  const { entry: _entry, ...manifest } = bundleOf('', { storage: { maxKeys: 100 } }).manifest;
  const bundle = { manifest: { ...manifest, files: {} }, files: {} };
  const revision = revisionOf(bundle, { runtime: 'Pod', timeoutSeconds });
  bench.bundles.set(revision.bundleDigest, bundle);
  return { key: { namespace: bench.pods.namespace, name: 'p' }, revision };
}

/** Status and text of a probe; empty when nobody answers. */
export async function probe(port: number, path: string): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${answer.status} ${(await answer.text()).trim()}`;
  } catch {
    return '';
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
