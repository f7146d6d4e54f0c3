import type { JobResult, LaneJob } from '@autoweave/crds';
import type { BundleStore, Executor, ExecutorPresence, Lanes, PluginResults, ResultStore } from '../../../ports.ts';

/** Redis and the executors behind our own ports, in memory. */
export class FakePorts implements BundleStore, Lanes, ResultStore, ExecutorPresence {
  readonly published = new Map<string, string>();
  /** In the order of their first addition. */
  readonly jobs = new Map<string, LaneJob>();
  readonly ended = new Map<string, JobResult>();
  executors: Executor[] = [];
  pluginResult: PluginResults = { succeeded: 0, failed: 0, last: [] };
  /** Of every call. */
  error: Error | undefined;
  /** Passes that began. */
  passes = 0;

  async publish(digest: string, json: string): Promise<void> {
    this.#check();
    this.published.set(digest, json);
  }

  async add(_node: string, job: LaneJob): Promise<void> {
    this.#check();
    if (!this.jobs.has(job.id)) this.jobs.set(job.id, job);
  }

  async records(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobResult>> {
    this.#check();
    return new Map(
      jobIds.flatMap((id) => {
        const result = this.ended.get(id);
        return result === undefined ? [] : [[id, result] as const];
      }),
    );
  }

  async pluginResults(): Promise<PluginResults> {
    this.#check();
    return this.pluginResult;
  }

  async list(): Promise<readonly Executor[]> {
    this.passes += 1;
    this.#check();
    return this.executors;
  }

  executorStarts(node: string, instance = `${node}-1`): void {
    this.executors = this.executors.filter((executor) => executor.node !== node);
    this.executors.push({ node, instance, version: '0.1.0', startedAt: Date.now() });
  }

  /** Jobs without a result, as `load a`. */
  openJobs(): string[] {
    return [...this.jobs.values()]
      .filter(({ id }) => !this.ended.has(id))
      .map(({ node, type }) => `${type.replace('plugin.', '')} ${node}`)
      .toSorted();
  }

  /** The executors do all that they were asked to do. */
  endJobs(outcome: Pick<JobResult, 'state' | 'code' | 'message'> = { state: 'Succeeded' }): void {
    for (const { id, node = '', plugin, traceparent, type } of this.jobs.values()) {
      if (this.ended.has(id)) continue;
      const times = { startedAt: Date.now(), finishedAt: Date.now() };
      this.ended.set(id, { jobId: id, type, plugin, node, traceparent, ...times, ...outcome });
    }
  }

  #check(): void {
    if (this.error !== undefined) throw this.error;
  }
}
