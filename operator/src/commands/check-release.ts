import { setTimeout as delay } from 'node:timers/promises';
import { resources, type UsbNode } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import { builtinResources, findCondition, type KubeClient, type KubeObject } from '@autoweave/platform/kube';

export interface CheckReleaseOptions {
  readonly client: KubeClient;
  /** Of the DaemonSet. */
  readonly nodeNamespace: string;
  /** Base URL of the probes of the operator. */
  readonly operatorUrl: string;
  /** Aborted when it has taken long enough. */
  readonly signal: AbortSignal;
  /** One line for people. */
  readonly say: (line: string) => void;
}

interface DaemonSet extends KubeObject {
  readonly status?: { readonly desiredNumberScheduled?: number; readonly numberReady?: number };
}

const pollMilliseconds = 2_000;

/** Whether what was installed works: asks until everything does, or time is up. @returns what does not. */
export async function checkRelease(options: CheckReleaseOptions): Promise<readonly string[]> {
  const { signal, say } = options;
  for (let shown = ''; ;) {
    const problems = await findProblems(options);
    if (problems.length === 0 || signal.aborted) return problems;
    const text = problems.join('\n');
    if (text !== shown) say(`Waiting:\n${text}`);
    shown = text;
    await delay(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

async function findProblems(options: CheckReleaseOptions): Promise<readonly string[]> {
  const checks = [checkOperator, checkAgents, checkNodes];
  const problems = await Promise.all(
    checks.map(async (check) => {
      try {
        return await check(options);
      } catch (error) {
        return [errorMessage(error)];
      }
    }),
  );
  return problems.flat();
}

/** Its readiness covers Redis, the functions in it, and that the API server serves our kinds. */
async function checkOperator({ operatorUrl }: CheckReleaseOptions): Promise<readonly string[]> {
  const response = await fetch(`${operatorUrl}/readyz?verbose`, { signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  return response.ok ? [] : [`the operator is not ready:\n${text.trimEnd()}`];
}

async function checkAgents({ client, nodeNamespace: namespace }: CheckReleaseOptions): Promise<readonly string[]> {
  const daemonSet = await client.get<DaemonSet>(builtinResources.daemonSet, {
    namespace,
    name: 'autoweave-node-agent',
  });
  if (daemonSet === undefined) return [`there is no DaemonSet autoweave-node-agent in ${namespace}`];
  const { desiredNumberScheduled: wanted = 0, numberReady: ready = 0 } = daemonSet.status ?? {};
  return ready < wanted ? [`of ${wanted} node agents ${ready} are ready`] : [];
}

/** A node without a USB tree is not ready, and no fault of the installation. */
async function checkNodes({ client }: CheckReleaseOptions): Promise<readonly string[]> {
  const { items } = await client.list<UsbNode>(resources.usbNode);
  return items.flatMap(({ metadata, status }) =>
    ['RedisReachable', 'JournalWritable'].flatMap((type) => {
      const condition = findCondition(status?.conditions ?? [], type);
      return condition?.status === 'False' ? [`node ${metadata.name}: ${type} is False: ${condition.message}`] : [];
    }),
  );
}
