import { type HotplugEvent, redisKeys, resources, type UsbDevice } from '@autoweave/crds';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { eventKey } from '../system/staged-device.ts';
import { monotonicMilliseconds } from './clock.ts';
import { answerRequests } from './helper-process.ts';

/** One thing seen, and when. */
export interface Observation {
  /** A stream, or `usbdevices`. */
  readonly source: string;
  readonly at: number;
  /** See `eventKey`; empty when only the event id is known. */
  readonly key: string;
  readonly eventId: string;
  /** Of a result: how it ended. Of an event: `partial` when the device was gone before it was read. */
  readonly state: string;
}

/** `observe` begins with what comes from now on; `take` gives what came since the last `take`. */
export type CollectRequest =
  | { readonly kind: 'observe'; readonly streams: readonly string[]; readonly kubeconfigPath?: string }
  | { readonly kind: 'take' };

const logger = createLogger({ name: 'bench-collector', level: 'fatal' });
let observations: Observation[] = [];

/** A consumer: one connection a stream, stamping at the moment the entries are in its hands. */
async function observeStream(redisUrl: string, stream: string): Promise<void> {
  const redis = createRedis({ url: redisUrl, name: `bench-collector:${stream}`, logger, blocking: true });
  const newest = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  void followStream(redis, stream, newest[0]?.[0] ?? '0');
}

async function followStream(redis: Redis, stream: string, from: string): Promise<never> {
  let last = from;
  for (;;) {
    const reply = await redis.xread('COUNT', 1000, 'BLOCK', 5000, 'STREAMS', stream, last);
    const at = monotonicMilliseconds();
    for (const [id, fields] of reply?.[0]?.[1] ?? []) {
      last = id;
      observations.push(observationOf(stream, at, fields));
    }
  }
}

function observationOf(source: string, at: number, flat: readonly string[]): Observation {
  const field = (name: string) => flat[flat.indexOf(name) + 1] ?? '';
  switch (source) {
    case redisKeys.hotplugStream: {
      const identity = {
        device: field('sysfs_name'),
        address: Number(field('device_address')),
        action: field('action'),
      };
      const state = field('partial') === 'true' ? 'partial' : '';
      return { source, at, key: eventKey(identity), eventId: field('event_id'), state };
    }
    case redisKeys.resultStream: {
      const { eventId = '', state } = JSON.parse(field('result')) as {
        eventId?: HotplugEvent['eventId'];
        state: string;
      };
      return { source, at, key: '', eventId, state };
    }
    default: {
      const action = field('action') === 'add' ? 'attach' : 'detach';
      const device = field('device').slice(field('device').lastIndexOf('/') + 1);
      return {
        source,
        at,
        key: eventKey({ device, address: Number(field('address')), action }),
        eventId: '',
        state: '',
      };
    }
  }
}

async function observeDevices(kubeconfigPath: string): Promise<void> {
  const client = new KubeClient(await loadClusterAccess({ kubeconfigPath }));
  const { resourceVersion } = await client.list(resources.usbDevice);
  const forever = new AbortController().signal;
  const followDevices = async (): Promise<void> => {
    for await (const event of client.watch<UsbDevice>(resources.usbDevice, { resourceVersion }, forever)) {
      const at = monotonicMilliseconds();
      if (event.type === 'BOOKMARK') continue;
      for (const { lastEventId: eventId = '' } of event.object.status?.attachments ?? []) {
        observations.push({ source: 'usbdevices', at, key: '', eventId, state: '' });
      }
    }
  };
  void followDevices();
}

async function answer(request: CollectRequest): Promise<readonly Observation[]> {
  const [redisUrl = ''] = process.argv.slice(2);
  if (request.kind === 'observe') {
    await Promise.all(request.streams.map((stream) => observeStream(redisUrl, stream)));
    if (request.kubeconfigPath !== undefined) await observeDevices(request.kubeconfigPath);
    return [];
  }
  const taken = observations;
  observations = [];
  return taken;
}

answerRequests(answer);
