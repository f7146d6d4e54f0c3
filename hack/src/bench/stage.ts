import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisKeys } from '@autoweave/crds';
import { builtinResources, KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { closeRedis, createRedis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { DeathWatch } from '../processes/death-watch.ts';
import { type ControlPlane, startControlPlane } from '../testing/control-plane.ts';
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts';
import type { KubernetesTools } from '../tools/index.ts';
import { stagedDevice } from '../system/staged-device.ts';
import type { CollectRequest, Observation } from './collector-process.ts';
import { HelperProcess } from './helper-process.ts';
import type { InjectReply, InjectRequest } from './injector-process.ts';
import { AddressBook, type ScheduledEvent } from './schedule.ts';
import { SysfsStage } from '../system/sysfs-stage.ts';

/** Devices that come and go quickly, those that stay for a while, and those that are there all the time. */
export const ports = {
  churning: portsFrom(1, 10),
  staying: portsFrom(11, 10),
  resting: portsFrom(21, 50),
} as const;

function portsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Servers, fake devices, and the processes that make and watch events. */
export interface Stage {
  readonly directory: string;
  readonly sysfsRoot: string;
  readonly redis: RedisServer;
  readonly controlPlane: ControlPlane;
  readonly client: KubeClient;
  readonly addresses: AddressBook;
  inject(events: readonly ScheduledEvent[]): Promise<InjectReply>;
  observe(streams: readonly string[], kubeconfigPath?: string): Promise<void>;
  /** What was seen since the last call. */
  take(): Promise<readonly Observation[]>;
  /** Or an operator that starts now would work off everything that happened before. */
  forgetEvents(): Promise<void>;
  /** Of a directory of its own, for one process. */
  place(name: string): { directory: string; redisUrl: string; kubeconfigPath: string };
  stop(): Promise<void>;
}

export async function setStage(tools: { kubernetes: KubernetesTools; redisServer: string }): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-bench-'));
  const watch = new DeathWatch({ directory });
  const logger = createLogger({ name: 'bench', level: 'fatal' });
  const [controlPlane, redis] = await Promise.all([
    // In a namespace with nothing but loopback it finds no address by itself; nobody connects to this one (RFC 5737).
    startControlPlane({ tools: tools.kubernetes, apiServerFlags: ['--advertise-address=192.0.2.1'] }),
    startRedisServer({ command: tools.redisServer }),
  ]);
  const { kubeconfigPath } = controlPlane;
  const client = new KubeClient(await loadClusterAccess({ kubeconfigPath }));
  await client.create(builtinResources.namespace, { metadata: { name: 'autoweave-system' } });
  const sysfsRoot = join(directory, 'sys');
  const sysfs = new SysfsStage(sysfsRoot);
  sysfs.build([...ports.churning, ...ports.staying, ...ports.resting]);
  for (const port of ports.resting) sysfs.attach(stagedDevice(port, port));
  const injector = new HelperProcess<InjectRequest, InjectReply>(fileHere('injector-process.ts'));
  const collector = new HelperProcess<CollectRequest, readonly Observation[]>(fileHere('collector-process.ts'), [
    redis.url,
  ]);
  return {
    directory,
    sysfsRoot,
    redis,
    controlPlane,
    client,
    addresses: new AddressBook(),
    inject: (events) => injector.ask({ sysfsRoot, events }),
    observe: async (streams, watched) => {
      await collector.ask({ kind: 'observe', streams, ...(watched === undefined ? {} : { kubeconfigPath: watched }) });
    },
    take: () => collector.ask({ kind: 'take' }),
    forgetEvents: async () => {
      const connection = createRedis({ url: redis.url, name: 'bench', logger });
      await connection.xtrim(redisKeys.hotplugStream, 'MAXLEN', 0);
      await closeRedis(connection);
    },
    place: (name) => ({ directory: join(directory, name), redisUrl: redis.url, kubeconfigPath }),
    stop: async () => {
      injector.stop();
      collector.stop();
      client.close();
      await Promise.all([controlPlane.stop(), redis.stop()]);
      watch.disarm();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function fileHere(name: string): string {
  return join(import.meta.dirname, name);
}
