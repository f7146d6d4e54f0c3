import type { Logger, MetricsRegistry } from '../telemetry/index.ts';
import { builtinResources } from './builtin-resources.ts';
import type { KubeClient } from './kube-client.ts';
import { isAlreadyExists } from './kube-error.ts';
import type { ApplyConfiguration, KubeObject } from './kube-object.ts';
import { microTime } from './micro-time.ts';
import { RecentEvents } from './recent-events.ts';
import type { RecentEvent } from './recent-events.ts';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** `reportingController` of the Events, e.g. `autoweave.dev/operator`. */
  readonly controller: string;
  /** `reportingInstance`, e.g. the name of the pod. */
  readonly instance: string;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Repetitions of one Event are written at most this often. Default 10 s. */
  readonly seriesIntervalMilliseconds?: number;
}

export interface RecordedEvent {
  /** What it is about. */
  readonly object: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, at most 128 characters, the same word as the reason of the condition. */
  readonly reason: string;
  /** One sentence; cut at 1024 bytes. */
  readonly message: string;
  /** What was done, CamelCase. Default: the reason. */
  readonly action?: string;
  /** Makes it happen exactly once, however often it is recorded and by whom: derive it from what happened. */
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** events.k8s.io/v1 Event */
export interface EventObject extends KubeObject {
  readonly eventTime: string;
  readonly type: string;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

/** The API server keeps Events about cluster-scoped objects there. */
const clusterEventNamespace = 'default';
const maximumNoteBytes = 1024;
/** DNS-1123 subdomain. */
const maximumNameLength = 253;

/** Writes Events. What is said again about the same object within minutes becomes a series of the Event there is. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #recent: RecentEvents<ApplyConfiguration<EventObject>>;
  readonly #failed: { increment(): void };

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#recent = new RecentEvents({
      intervalMilliseconds: options.seriesIntervalMilliseconds ?? 10_000,
      write: (event) => this.#writeSeries(event),
    });
    this.#failed = options.metrics.counter({
      name: 'autoweave_events_failed_total',
      help: 'Kubernetes Events that could not be written.',
    });
  }

  /**
   * Resolves when the Event is there.
   *
   * @throws KubeError, KubeConnectionError. A controller that can go on without the Event calls `tryRecord`.
   */
  async record(recorded: RecordedEvent, signal?: AbortSignal): Promise<void> {
    const key = seriesKey(recorded);
    if (recorded.name === undefined && this.#recent.repeat(key)) return;
    const event = this.#compose(recorded);
    if (recorded.name === undefined) this.#recent.add(key, event);
    try {
      await this.#options.client.create<EventObject>(builtinResources.event, event, signal);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.#recent.remove(key);
      this.#failed.increment();
      throw error;
    }
  }

  /** Like `record`, but a failure is only logged and counted. */
  async tryRecord(recorded: RecordedEvent, signal?: AbortSignal): Promise<void> {
    try {
      await this.record(recorded, signal);
    } catch (error) {
      this.#options.logger.warn({ err: error, reason: recorded.reason }, 'Event was not recorded');
    }
  }

  /** Writes the repetitions that were only counted so far. */
  async stop(): Promise<void> {
    await this.#recent.stop();
  }

  #compose(recorded: RecordedEvent): ApplyConfiguration<EventObject> {
    const { metadata, apiVersion, kind } = recorded.object;
    const { name, namespace, uid, resourceVersion } = metadata;
    return {
      metadata: {
        name: recorded.name ?? uniqueName(name),
        namespace: namespace ?? clusterEventNamespace,
        annotations: recorded.annotations,
      },
      eventTime: microTime(),
      type: recorded.type,
      reason: recorded.reason,
      action: recorded.action ?? recorded.reason,
      note: truncate(recorded.message),
      reportingController: this.#options.controller,
      reportingInstance: this.#options.instance,
      regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
    };
  }

  async #writeSeries({ event, count, lastObservedAt }: RecentEvent<ApplyConfiguration<EventObject>>): Promise<void> {
    const { client, controller, logger } = this.#options;
    const series = { count, lastObservedTime: microTime(lastObservedAt) };
    const options = { fieldManager: controller, force: true };
    try {
      await client.apply<EventObject>(builtinResources.event, { ...event, series }, options);
    } catch (error) {
      this.#failed.increment();
      logger.warn({ err: error, event: event.metadata.name }, 'Event series was not written');
    }
  }
}

function seriesKey({ object, type, reason, action, message }: RecordedEvent): string {
  const { metadata } = object;
  return JSON.stringify([object.kind, metadata.namespace, metadata.name, metadata.uid, type, reason, action, message]);
}

function uniqueName(objectName: string): string {
  const suffix = `.${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`;
  return objectName.slice(0, maximumNameLength - suffix.length) + suffix;
}

/** In bytes of UTF-8, as the API server counts, without cutting a character. */
function truncate(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= maximumNoteBytes) return message;
  const decoder = new TextDecoder('utf-8', { fatal: false });
  return `${decoder.decode(bytes.subarray(0, maximumNoteBytes - 3), { stream: true })}…`;
}
