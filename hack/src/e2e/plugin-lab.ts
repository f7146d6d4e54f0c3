import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AutoWeavePlugin,
  type AutoWeavePolicy,
  defaultPolicyName,
  type JobResult,
  type PluginKey,
  redisKeys,
  resources,
  resultFields,
  type UsbNode,
} from '@autoweave/crds';
import { builtinResources, findCondition, KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { makeExecutor, makeOperator, nodeName } from '../system/product.ts';
import { DeathWatch } from '../processes/death-watch.ts';
import { type ControlPlane, runKubectl, startControlPlane, startRedisServer } from '../testing/index.ts';
import { pluginNamespace } from './sample-plugin.ts';
import { StreamWorld } from './stream-world.ts';

const manager = { fieldManager: 'lab', force: true };
/** Nobody serves there: these tests have no job that needs its device. */
const noAgentPort = 9;

/** Operator, executor and runner as a user runs them, on a control plane and a Redis of their own. */
export class PluginLab {
  readonly client: KubeClient;
  readonly redis: Redis;
  readonly world: StreamWorld;
  readonly #plane: ControlPlane;
  readonly #directory: string;
  readonly #cleanup: AsyncDisposableStack;
  /** What was applied and not removed. */
  readonly #applied = new Map<string, PluginKey>();

  private constructor(parts: LabParts) {
    this.client = parts.client;
    this.redis = parts.redis;
    this.world = new StreamWorld(parts.redis, nodeName);
    this.#plane = parts.plane;
    this.#directory = parts.directory;
    this.#cleanup = parts.cleanup;
  }

  static async start(): Promise<PluginLab> {
    await using cleanup = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'autoweave-lab-'));
    const watch = new DeathWatch({ directory });
    cleanup.defer(async () => {
      watch.disarm();
      await rm(directory, { recursive: true, force: true });
    });
    const [plane, server] = await Promise.all([startControlPlane(), startRedisServer()]);
    cleanup.defer(async () => {
      await Promise.all([plane.stop(), server.stop()]);
    });
    const { kubeconfigPath } = plane;
    const client = new KubeClient(await loadClusterAccess({ kubeconfigPath }));
    cleanup.defer(() => client.close());
    const logger = createLogger({ name: 'lab', level: 'fatal' });
    const redis = createRedis({ url: server.url, name: 'lab', logger });
    cleanup.defer(() => closeRedis(redis));
    for (const name of ['autoweave-system', pluginNamespace]) {
      await client.create(builtinResources.namespace, { metadata: { name } });
    }
    // A node that is known: its devices are told to plugins that come later.
    await client.apply<UsbNode>(resources.usbNode, { metadata: { name: nodeName }, spec: {} }, manager);
    const place = (name: string) => ({ directory: join(directory, name), redisUrl: server.url, kubeconfigPath });
    const executor = await makeExecutor({ ...place('executor'), agentPort: noAgentPort });
    const operator = await makeOperator(place('operator'));
    for (const process of [executor, operator]) {
      cleanup.defer(() => process.stop());
      await process.start();
    }
    return new PluginLab({ client, redis, plane, directory, cleanup: cleanup.move() });
  }

  async stop(): Promise<void> {
    await this.#cleanup.disposeAsync();
  }

  /** Lets unsigned plugins of these namespaces run. */
  async permit(...namespaces: readonly string[]): Promise<void> {
    const spec: AutoWeavePolicy['spec'] = {
      plugins: { allowUnsigned: namespaces.map((namespace) => ({ namespace })) },
    };
    await this.client.apply<AutoWeavePolicy>(
      resources.autoWeavePolicy,
      { metadata: { name: defaultPolicyName }, spec },
      manager,
    );
  }

  async apply(plugin: AutoWeavePlugin): Promise<void> {
    const { name, namespace = pluginNamespace } = plugin.metadata;
    this.#applied.set(`${namespace}/${name}`, { namespace, name });
    await this.client.apply<AutoWeavePlugin>(resources.autoWeavePlugin, plugin, manager);
  }

  async applyConfigMap(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: pluginNamespace }, data };
    await this.client.apply(builtinResources.configMap, configMap, manager);
  }

  async remove(name: string, namespace = pluginNamespace): Promise<void> {
    this.#applied.delete(`${namespace}/${name}`);
    await this.client.delete(resources.autoWeavePlugin, { name, namespace });
  }

  /** Everything but the plugin of this name. */
  async removeAllBut(kept: string): Promise<void> {
    for (const { namespace, name } of this.#applied.values()) {
      if (name !== kept) await this.remove(name, namespace);
    }
  }

  /** With the strict validation that it has by default. @throws CommandError with what it printed */
  async kubectlApply(object: unknown): Promise<string> {
    const file = join(this.#directory, 'object.json');
    await writeFile(file, JSON.stringify(object));
    return this.kubectl('apply', '--filename', file);
  }

  kubectl(...parameters: readonly string[]): Promise<string> {
    return runKubectl(this.#plane, parameters);
  }

  find(name: string, namespace = pluginNamespace): Promise<AutoWeavePlugin | undefined> {
    return this.client.get<AutoWeavePlugin>(resources.autoWeavePlugin, { name, namespace });
  }

  /** `<phase>: <message of Ready>`, once the status is about the spec as it is. */
  async standing(name: string, namespace = pluginNamespace): Promise<string> {
    const plugin = await this.find(name, namespace);
    const { phase, conditions = [], observedGeneration } = plugin?.status ?? {};
    if (observedGeneration !== plugin?.metadata.generation) return 'not looked at';
    return `${phase}: ${findCondition(conditions, 'Ready')?.message}`;
  }

  async conditions(name: string): Promise<Record<string, string>> {
    const plugin = await this.find(name);
    return Object.fromEntries((plugin?.status?.conditions ?? []).map(({ type, status }) => [type, status]));
  }

  /** Of hooks, oldest first. */
  async resultsOf(name: string): Promise<readonly JobResult[]> {
    const entries = await this.redis.xrange(redisKeys.resultStream, '-', '+');
    // What the Redis function wrote begins with the id of the job; what a test forged does not.
    const results = entries.flatMap(([, flat]) => {
      const text = flat[flat.indexOf(resultFields.result) + 1] ?? '';
      return flat[0] === resultFields.jobId ? [JSON.parse(text) as JobResult] : [];
    });
    return results.filter(
      ({ plugin, type }) => plugin.name === name && type !== 'plugin.load' && type !== 'plugin.unload',
    );
  }

  /** Waiting rooms that may hold jobs. */
  async occupiedRooms(): Promise<readonly string[]> {
    return this.redis.sunion(redisKeys.waitingRooms, redisKeys.leavingRooms);
  }

  log(process: 'executor' | 'operator'): Promise<string> {
    return readFile(join(this.#directory, process, 'log'), 'utf8');
  }
}

interface LabParts {
  readonly client: KubeClient;
  readonly redis: Redis;
  readonly plane: ControlPlane;
  readonly directory: string;
  readonly cleanup: AsyncDisposableStack;
}
