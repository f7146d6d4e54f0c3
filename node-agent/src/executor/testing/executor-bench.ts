import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  bundleDigest,
  canonicalBundle,
  type JobResult,
  type LaneJob,
  type PluginBundle,
  type PluginPermissions,
  type PluginRevision,
  queues,
  redisKeys,
  textDigest,
} from '@autoweave/crds';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger, type Logger, MetricsRegistry, newTraceparent, noSpans } from '@autoweave/platform/telemetry';
import { Queue } from 'bullmq';
import { vi } from 'vitest';
import { Executor } from '../executor.ts';
import { LaneJobRunner } from '../jobs/lane-job-runner.ts';
import { ResultRecorder } from '../jobs/result-recorder.ts';
import type { BundleSource, DeviceInventory, PluginStore, RunnerLauncher, RunnerProcess } from '../ports.ts';
import { ProcessRunnerLauncher } from '../runtime/process-runner-launcher.ts';
import { RedisBundleSource } from '../runtime/redis-bundle-source.ts';
import { RedisPluginStore } from '../runtime/redis-plugin-store.ts';
import { RunnerPluginRuntime } from '../runtime/runner-plugin-runtime.ts';

export const runnerEntry = fileURLToPath(new URL('../../../../plugins/runner/src/main.ts', import.meta.url));
export const silent: Logger = createLogger({ name: 'test', level: 'silent' });

/** For vi.waitFor. */
export const patient = { timeout: 30_000, interval: 50 };

/** Permissions of a plugin that stores something. */
export const storage: PluginPermissions = { storage: { maxKeys: 1000 } };

/** A module whose onJob has this body; `job`, `store` and `deviceName` are in scope. */
export function onJob(body: string): string {
  return `export default { async onJob(job, { store, deviceName }) { ${body} } };`;
}

/** A bundle of one module. */
export function bundleOf(source: string, permissions?: PluginPermissions): PluginBundle {
  const files = { 'index.js': source };
  return {
    manifest: {
      manifestVersion: 1,
      name: 'test',
      version: '1.0.0',
      entry: 'index.js',
      files: { 'index.js': textDigest(source) },
      ...(permissions === undefined ? {} : { permissions }),
    },
    files,
  };
}

export function revisionOf(bundle: PluginBundle, limits: Partial<PluginRevision> = {}): PluginRevision {
  const digest = bundleDigest(bundle);
  return { uid: 'uid-1', runtime: 'Thread', bundleDigest: digest, memoryMegabytes: 32, timeoutSeconds: 10, ...limits };
}

/** Real runner processes, which a test can kill. */
export class KillableLauncher implements RunnerLauncher {
  readonly #launcher = new ProcessRunnerLauncher(runnerEntry, silent);
  readonly processes: RunnerProcess[] = [];

  launch(...launch: Parameters<RunnerLauncher['launch']>): RunnerProcess {
    const process = this.#launcher.launch(...launch);
    this.processes.push(process);
    return process;
  }

  killLatest(): void {
    this.processes.at(-1)?.kill();
  }
}

export interface RuntimeBench {
  readonly runtime: RunnerPluginRuntime;
  readonly launcher: KillableLauncher;
  readonly metrics: MetricsRegistry;
}

export async function startRuntime(bundles: BundleSource, store: PluginStore): Promise<RuntimeBench> {
  const launcher = new KillableLauncher();
  const metrics = new MetricsRegistry();
  const runtime = new RunnerPluginRuntime({ children: { launcher }, bundles, store, logger: silent, metrics });
  await runtime.start();
  return { runtime, launcher, metrics };
}

/** One node with its lane in a real Redis; executors of it can be started and stopped. */
export class ExecutorBench {
  readonly node = `node-${randomUUID()}`;
  readonly namespace = `ns-${randomUUID()}`;
  readonly devices = new Set<string>();
  readonly redis: Redis;
  readonly results: ResultRecorder;
  readonly lane: Queue<LaneJob, JobResult>;
  readonly #url: string;
  readonly #connections: Redis[] = [];
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(redisUrl: string) {
    this.#url = redisUrl;
    this.redis = this.#connect();
    this.results = new ResultRecorder(this.redis);
    this.lane = new Queue(queues.lane(this.node), { connection: this.#connect() });
    this.lane.on('error', () => undefined);
  }

  async startExecutor(): Promise<RuntimeBench & { readonly executor: Executor; readonly stop: () => Promise<void> }> {
    const redis = this.#connect();
    const workerRedis = this.#connect();
    const bench = await startRuntime(new RedisBundleSource(redis), new RedisPluginStore(redis));
    const { runtime, metrics } = bench;
    const inventory: DeviceInventory = { holds: async (name) => this.devices.has(name) };
    const jobs = new LaneJobRunner({ node: this.node, runtime, inventory, logger: silent, metrics, spans: noSpans });
    const identity = { instance: randomUUID(), node: this.node, startedAt: Date.now(), version: 'test' };
    const results = new ResultRecorder(redis);
    const common = { redis, workerRedis, concurrency: 16, runtime, jobs, results, logger: silent, metrics };
    const executor = new Executor({ identity, ...common });
    executor.start();
    const stop = (): Promise<void> => executor.stop();
    this.#stops.push(stop);
    return { ...bench, executor, stop };
  }

  async publish(bundle: PluginBundle, limits: Partial<PluginRevision> = {}): Promise<PluginRevision> {
    await this.redis.set(redisKeys.bundle(bundleDigest(bundle)), canonicalBundle(bundle), 'EX', 600);
    return revisionOf(bundle, limits);
  }

  job(name: string, revision: PluginRevision, more: Partial<LaneJob> = {}): LaneJob {
    return {
      id: `job-${randomUUID()}`,
      type: 'plugin.job',
      plugin: { namespace: this.namespace, name },
      pluginUid: revision.uid,
      exclusive: false,
      createdAt: Date.now(),
      expiresAt: Date.now() + 600_000,
      traceparent: newTraceparent(),
      revision,
      ...more,
    };
  }

  async add(...jobs: readonly LaneJob[]): Promise<void> {
    await this.lane.addBulk(jobs.map((data) => ({ name: data.type, data, opts: { jobId: data.id } })));
  }

  /** Entries of the results stream about these jobs, oldest first. */
  async told(jobs: readonly LaneJob[]): Promise<readonly JobResult[]> {
    const ids = new Set(jobs.map(({ id }) => id));
    const entries = await this.redis.xrange(redisKeys.resultStream, '-', '+');
    const results = entries.map(([, fields]) => JSON.parse(fields[fields.indexOf('result') + 1] ?? '') as JobResult);
    return results.filter(({ jobId }) => ids.has(jobId));
  }

  /** What was recorded about each of these jobs, once all have exactly one result. */
  async allResults(jobs: readonly LaneJob[]): Promise<readonly (JobResult | undefined)[]> {
    await vi.waitFor(async () => {
      const { length } = await this.told(jobs);
      if (length !== jobs.length) throw new Error(`${length} of ${jobs.length} results`);
    }, patient);
    const told = await this.told(jobs);
    return jobs.map(({ id }) => told.find(({ jobId }) => jobId === id));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    await this.lane.obliterate({ force: true });
    await this.lane.close();
    await Promise.all(this.#connections.map(closeRedis));
  }

  #connect(): Redis {
    const redis = createRedis({ url: this.#url, name: 'executor-test', logger: silent, blocking: true });
    this.#connections.push(redis);
    return redis;
  }
}
