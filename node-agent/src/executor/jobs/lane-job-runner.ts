import type { HookArgument, HookName, JobResult, LaneJob } from '@autoweave/crds';
import { AutoWeaveError, errorCode, errorMessage, printableText } from '@autoweave/platform/errors';
import type { Counter, Histogram, Logger, MetricsRegistry, SpanRecorder } from '@autoweave/platform/telemetry';
import { childTraceparent } from '@autoweave/platform/telemetry';
import type { DeviceInventory, PluginRuntime } from '../ports.ts';
import { jobSpans } from './job-spans.ts';

const maxValueBytes = 16 * 1024;
const maxMessageLength = 4096;

export interface LaneJobRunnerOptions {
  readonly node: string;
  readonly runtime: PluginRuntime;
  readonly inventory: DeviceInventory;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly spans: SpanRecorder;
}

type Outcome = Pick<JobResult, 'state' | 'code' | 'message' | 'value'>;

/** Does what a job of the lane asks for. */
export class LaneJobRunner {
  readonly #options: LaneJobRunnerOptions;
  readonly #jobs: Counter<'type' | 'state'>;
  readonly #duration: Histogram<'type'>;

  constructor(options: LaneJobRunnerOptions) {
    this.#options = options;
    const { metrics } = options;
    const type = ['usb.attach', 'usb.detach', 'plugin.job', 'plugin.load', 'plugin.unload'];
    this.#jobs = metrics.counter({
      name: 'autoweave_executor_jobs_total',
      help: 'Jobs of the lane that were done, by their result.',
      labels: { type, state: ['Succeeded', 'Failed', 'HandedBack'] },
    });
    this.#duration = metrics.histogram({
      name: 'autoweave_executor_job_duration_seconds',
      help: 'From taking a job off its plugin’s queue to its result.',
      labels: { type },
    });
  }

  /**
   * Never throws: whatever happens is the result.
   *
   * @param releasedAt When the router put it into the lane; milliseconds since 1970.
   */
  async run(job: LaneJob, releasedAt: number): Promise<JobResult> {
    const startedAt = Date.now();
    const outcome = await this.#outcome(job);
    const finishedAt = Date.now();
    const { id: jobId, type, plugin, deviceName, event } = job;
    this.#jobs.increment({ type, state: outcome.state });
    this.#duration.observe((finishedAt - startedAt) / 1000, { type });
    this.#options.logger.info({ jobId, type, plugin, deviceName, ...outcome, value: undefined }, 'Ran a job');
    const result: JobResult = {
      jobId,
      type,
      plugin,
      node: this.#options.node,
      ...(deviceName === undefined ? {} : { deviceName }),
      ...(event === undefined ? {} : { eventId: event.eventId }),
      ...outcome,
      startedAt,
      finishedAt,
      traceparent: childTraceparent(job.traceparent),
    };
    this.#options.spans.record(() => jobSpans(job, result, releasedAt));
    return result;
  }

  async #outcome(job: LaneJob): Promise<Outcome> {
    try {
      if (!(await this.#isHere(job))) return { state: 'HandedBack', message: 'the device is not on this node' };
      const value = await this.#perform(job);
      const size = value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
      if (size > maxValueBytes) throw new AutoWeaveError('AW_RESULT_TOO_LARGE', `the hook returned ${size} bytes`);
      return { state: 'Succeeded', ...(value === undefined ? {} : { value }) };
    } catch (error) {
      return failure(error, job);
    }
  }

  /** An event is told on its node whatever has happened since; a job needs its device. */
  async #isHere({ type, deviceName }: LaneJob): Promise<boolean> {
    if (type !== 'plugin.job' || deviceName === undefined) return true;
    try {
      return await this.#options.inventory.holds(deviceName);
    } catch (error) {
      this.#options.logger.warn({ err: error, deviceName }, 'Handed a job back, the agent does not answer');
      return false;
    }
  }

  #perform(job: LaneJob): Promise<unknown> {
    const { runtime } = this.#options;
    const { type, revision } = job;
    const plugin = { key: job.plugin, revision };
    if (type === 'plugin.load') return runtime.load(plugin);
    if (type === 'plugin.unload') return runtime.unload(plugin);
    return runtime.call({ plugin, hook: hooks[type], argument: hookArgument(job) });
  }
}

const hooks = { 'usb.attach': 'onAttach', 'usb.detach': 'onDetach', 'plugin.job': 'onJob' } as const satisfies Record<
  string,
  HookName
>;

function hookArgument({ id: jobId, type, event, deviceName, payload }: LaneJob): HookArgument {
  if (type === 'plugin.job') {
    return {
      jobId,
      ...(deviceName === undefined ? {} : { deviceName }),
      ...(payload === undefined ? {} : { payload }),
    };
  }
  if (event === undefined) throw new AutoWeaveError('AW_JOB_INVALID', `a job of type ${type} carries an event`);
  return { jobId, event };
}

/** What a job waits for in its room. */
const passing: ReadonlySet<string> = new Set(['AW_BUNDLE_MISSING', 'AW_RUNNER_UNAVAILABLE']);

function failure(error: unknown, { type }: LaneJob): Outcome {
  const code = errorCode(error) ?? 'AW_PLUGIN_ENDED';
  const message = printableText(errorMessage(error)).slice(0, maxMessageLength);
  // The operator publishes it again, the kubelet starts it again; a load has to tell, anything else waits for that.
  if (passing.has(code) && type !== 'plugin.load') return { state: 'HandedBack', code, message };
  return { state: 'Failed', code, message };
}
