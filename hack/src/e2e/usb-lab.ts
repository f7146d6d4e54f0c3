import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AutoWeavePlugin, type HotplugEvent, resources } from '@autoweave/crds';
import { builtinResources, type EventObject, KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { makeOperator } from '../system/product.ts';
import { hotplugEvents, observe } from '../faults/observe.ts';
import { portProblems, problemsOf } from '../faults/verdict.ts';
import { type Guest, startGuest } from '../guest/index.ts';
import { applyExamples, applyNamespace } from '../start/example-objects.ts';
import {
  type ControlPlane,
  hostAddressInGuest,
  kubeconfig,
  type RedisServer,
  runKubectl,
  startControlPlane,
  startRedisServer,
} from '../testing/index.ts';
import { deviceEventProblems, type DeviceEventOptions } from './device-events.ts';
import { type GuestNode, startGuestNode } from './guest-node.ts';
import { pollUntil } from './poll-until.ts';
import { portTransition, UsbDesk } from './usb-desk.ts';

export const nodeName = 'usb-guest';
const plugin = { namespace: 'default', name: 'device-inventory' } as const;
const patienceMilliseconds = 120_000;
const nothingMerges = (): boolean => false;

/**
 * The whole product: agent and executor on a node of its own, which is a guest with a real kernel, udevd and USB
 * controllers; API server, Redis and operator on this machine; device-inventory as the plugin.
 */
export class UsbLab {
  readonly guest: Guest;
  readonly desk: UsbDesk;
  readonly #parts: LabParts;
  readonly #cleanup: AsyncDisposableStack;

  private constructor(parts: LabParts, cleanup: AsyncDisposableStack) {
    this.guest = parts.guest;
    this.desk = new UsbDesk(parts.guest, () => this.events());
    this.#parts = parts;
    this.#cleanup = cleanup;
  }

  /** Resolves when the plugin runs. */
  static async start(): Promise<UsbLab> {
    await using cleanup = new AsyncDisposableStack();
    const servers = await startServers(cleanup);
    const guest = await startGuest();
    cleanup.defer(() => guest.stop());
    const node = await startNode(guest, servers);
    await startOperator(servers, cleanup);
    const lab = new UsbLab({ ...servers, guest, node }, cleanup.move());
    await lab.#runPlugin().catch(async (error: unknown) => {
      await lab.stop();
      throw error;
    });
    return lab;
  }

  async stop(): Promise<void> {
    await this.#cleanup.disposeAsync();
  }

  /** In the order of the stream. */
  events(): Promise<readonly HotplugEvent[]> {
    return hotplugEvents(this.#parts.redis);
  }

  /** What device-inventory returned for an event. */
  async inventoryRecord({ eventId }: HotplugEvent): Promise<unknown> {
    const { results } = await this.#observe();
    return results.find((result) => result.eventId === eventId)?.value;
  }

  kubectl(...parameters: readonly string[]): Promise<string> {
    return runKubectl(this.#parts.plane, parameters);
  }

  /**
   * Resolves when the stream holds what happened and nothing else, every UsbDevice says what is so, and each
   * transition has one result of the plugin, one Kubernetes Event of that result, and one of the device.
   *
   * @throws Error with what is still wrong after two minutes
   */
  async settle({ mayMerge = nothingMerges }: Partial<DeviceEventOptions<HotplugEvent>> = {}): Promise<void> {
    await pollUntil({
      what: 'All agree',
      look: () => this.#problems(mayMerge),
      isRight: ({ length }) => length === 0,
      timeoutMilliseconds: patienceMilliseconds,
    });
  }

  /** Of agent and executor. */
  logs(): string {
    return this.#parts.node.logs();
  }

  async #problems(mayMerge: (event: HotplugEvent) => boolean): Promise<string[]> {
    const outcome = await this.#observe();
    const { items } = await this.#parts.client.list<EventObject>(builtinResources.event, { namespace: 'default' });
    return [
      ...portProblems(this.desk.transitions, outcome.events.map(portTransition)),
      ...problemsOf({ ...outcome, plugged: this.desk.plugged }),
      ...deviceEventProblems(outcome.events, items, { mayMerge }),
    ];
  }

  #observe(): ReturnType<typeof observe> {
    const { client, redis } = this.#parts;
    return observe({ client, redis, plugin });
  }

  async #runPlugin(): Promise<void> {
    const { client } = this.#parts;
    await applyExamples(client);
    await pollUntil({
      what: 'The plugin runs',
      look: async () => (await client.get<AutoWeavePlugin>(resources.autoWeavePlugin, plugin))?.status,
      isRight: (status) => status?.phase === 'Running',
      timeoutMilliseconds: patienceMilliseconds,
    });
  }
}

interface Servers {
  readonly plane: ControlPlane;
  readonly redisServer: RedisServer;
  readonly client: KubeClient;
  readonly redis: Redis;
}

interface LabParts extends Servers {
  readonly guest: Guest;
  readonly node: GuestNode;
}

async function startServers(cleanup: AsyncDisposableStack): Promise<Servers> {
  const plane = await startControlPlane();
  cleanup.defer(() => plane.stop());
  const redisServer = await startRedisServer();
  cleanup.defer(() => redisServer.stop());
  const client = new KubeClient(await loadClusterAccess({ kubeconfigPath: plane.kubeconfigPath }));
  cleanup.defer(() => client.close());
  const logger = createLogger({ name: 'lab', level: 'fatal' });
  const redis = createRedis({ url: redisServer.url, name: 'lab', logger });
  cleanup.defer(() => redis.disconnect());
  return { plane, redisServer, client, redis };
}

function startNode(guest: Guest, { plane, redisServer }: Servers): Promise<GuestNode> {
  const { certificateAuthority, adminToken: token } = plane;
  return startGuestNode({
    guest,
    nodeName,
    redisUrl: inGuest(redisServer.url),
    kubeconfig: kubeconfig({ server: inGuest(plane.url), certificateAuthority, token }),
  });
}

async function startOperator(servers: Servers, cleanup: AsyncDisposableStack): Promise<void> {
  const { plane, redisServer, client } = servers;
  await applyNamespace(client, 'autoweave-system');
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-lab-'));
  cleanup.defer(() => rm(directory, { recursive: true, force: true }));
  const operator = await makeOperator({ directory, redisUrl: redisServer.url, kubeconfigPath: plane.kubeconfigPath });
  cleanup.defer(() => operator.stop());
  await operator.start();
}

function inGuest(url: string): string {
  return url.replace('127.0.0.1', hostAddressInGuest);
}
