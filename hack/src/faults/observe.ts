import {
  type AutoWeavePlugin,
  type HotplugEvent,
  type JobResult,
  redisKeys,
  resources,
  resultFields,
  type UsbDevice,
} from '@autoweave/crds';
import { parseHotplugEvent } from '@autoweave/crds/validators';
import { builtinResources, type KubeClient, type KubeObject } from '@autoweave/platform/kube';
import type { Redis } from '@autoweave/platform/redis';
import type { Outcome } from './verdict.ts';

export interface Observers {
  readonly client: KubeClient;
  readonly redis: Redis;
  readonly plugin: { readonly namespace: string; readonly name: string };
}

/** As far as it is read here, of events.k8s.io/v1. */
type ClusterEvent = KubeObject & { readonly reason?: string; readonly note?: string };

/** Everything but what is plugged in, which only the world knows. */
export async function observe({ client, redis, plugin }: Observers): Promise<Omit<Outcome, 'plugged'>> {
  const [events, results, devices, clusterEvents, observed] = await Promise.all([
    hotplugEvents(redis),
    hookResults(redis),
    client.list<UsbDevice>(resources.usbDevice),
    client.list<ClusterEvent>(builtinResources.event, { namespace: plugin.namespace }),
    client.get<AutoWeavePlugin>(resources.autoWeavePlugin, plugin),
  ]);
  const resultEvents = clusterEvents.items.filter(({ reason }) => reason?.startsWith('Plugin'));
  const counted = observed?.status?.results;
  return {
    events,
    results,
    devices: devices.items,
    resultEvents: resultEvents.map(({ note = '' }) => /\(job (\S+)\)/.exec(note)?.[1] ?? note),
    counted: { succeeded: counted?.succeeded ?? 0, failed: counted?.failed ?? 0 },
  };
}

/** The whole stream, in its order. @throws Error when an entry is not as it should be. */
export async function hotplugEvents(redis: Redis): Promise<HotplugEvent[]> {
  const entries = await redis.xrange(redisKeys.hotplugStream, '-', '+');
  return entries.map(([id, flat]) => {
    const parsed = parseHotplugEvent(byName(flat));
    if (!parsed.ok) throw new Error(`Entry ${id} of the stream: ${parsed.failure.message}`);
    return parsed.value;
  });
}

async function hookResults(redis: Redis): Promise<JobResult[]> {
  const entries = await redis.xrange(redisKeys.resultStream, '-', '+');
  const results = entries.map(([, flat]) => JSON.parse(byName(flat)[resultFields.result] ?? '{}') as JobResult);
  return results.filter(({ eventId, state }) => eventId !== undefined && state !== 'HandedBack');
}

function byName(flat: readonly string[]): Record<string, string> {
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : []));
  return Object.fromEntries(pairs);
}
