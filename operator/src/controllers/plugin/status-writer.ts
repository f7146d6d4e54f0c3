import { createHash } from 'node:crypto';
import {
  conditionTypes,
  fieldManagers,
  resources,
  type AutoWeavePlugin,
  type AutoWeavePluginPhase,
  type AutoWeavePluginStatus,
} from '@autoweave/crds';
import {
  findCondition,
  objectKey,
  semanticEqual,
  type EventRecorder,
  type KubeClient,
  type RecordedEvent,
} from '@autoweave/platform/kube';
import type { Clock } from '../../ports.ts';

export interface StatusWriterOptions {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

/** Counters and lists of a plugin that works hard change all the time; a reader is content with once a second. */
const minorIntervalMilliseconds = 1_000;

/** Writes the status of plugins: at once what matters, the rest at a bounded rate, and nothing that is there already. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  /** Milliseconds since 1970 of the last write, by key. */
  readonly #writtenAt = new Map<string, number>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /**
   * @throws KubeError, with a conflict when the plugin has changed since it was read.
   * @returns milliseconds after which the caller must come again; 0 when everything is written.
   */
  async write(plugin: AutoWeavePlugin, status: AutoWeavePluginStatus, signal: AbortSignal): Promise<number> {
    const key = objectKey(plugin);
    const known = plugin.status ?? {};
    if (semanticEqual(status, known)) return 0;
    const now = this.#options.clock.now();
    const wait = (this.#writtenAt.get(key) ?? 0) + minorIntervalMilliseconds - now;
    if (wait > 0 && semanticEqual(gist(status), gist(known))) return wait;
    const { name, namespace, resourceVersion } = plugin.metadata;
    await this.#options.client.apply<AutoWeavePlugin>(
      resources.autoWeavePlugin,
      // The version: what was seen of a plugin that has changed since, perhaps by ourselves, says nothing about it.
      { metadata: { name, namespace, resourceVersion }, status },
      { fieldManager: fieldManagers.operator, subresource: 'status', force: true },
      signal,
    );
    this.#writtenAt.set(key, now);
    if (status.phase !== known.phase) await this.#tell(plugin, status, signal);
    return 0;
  }

  forget(key: string): void {
    this.#writtenAt.delete(key);
  }

  async #tell(plugin: AutoWeavePlugin, status: AutoWeavePluginStatus, signal: AbortSignal): Promise<void> {
    const ready = findCondition(status.conditions ?? [], conditionTypes.ready);
    const type = status.phase === undefined ? undefined : eventTypes[status.phase];
    if (ready === undefined || type === undefined) return;
    const { name, resourceVersion = '', uid = '' } = plugin.metadata;
    const hash = createHash('sha256')
      .update(JSON.stringify([uid, resourceVersion, status.phase]))
      .digest('hex');
    const event = { type, reason: ready.reason, message: ready.message, name: `${name}.${hash.slice(0, 16)}` };
    await this.#options.events.tryRecord({ ...event, object: plugin }, signal);
  }
}

/** Phases whose beginning an Event tells. */
const eventTypes: { readonly [Phase in AutoWeavePluginPhase]?: RecordedEvent['type'] } = {
  Running: 'Normal',
  Stopped: 'Normal',
  Rejected: 'Warning',
  Failed: 'Warning',
};

/** What is written without delay. */
function gist({
  bundle,
  conditions = [],
  limits,
  observedGeneration,
  permissions,
  phase,
}: AutoWeavePluginStatus): unknown {
  const statuses = conditions.map(({ reason, status, type }) => [type, status, reason]);
  return [phase, observedGeneration, bundle, limits, permissions, statuses];
}
