import { setTimeout as delay } from 'node:timers/promises';
import { backoffMilliseconds } from '../backoff.ts';
import type { Logger, MetricsRegistry } from '../telemetry/index.ts';
import { informerMetrics } from './informer-metrics.ts';
import type { InformerMetrics } from './informer-metrics.ts';
import type { KubeClient, Selection } from './kube-client.ts';
import { isExpired, KubeConnectionError, KubeError } from './kube-error.ts';
import type { KubeObject, UntypedObject, WatchEvent } from './kube-object.ts';
import { ObjectStore } from './object-store.ts';
import type { ObjectChange } from './object-store.ts';
import type { Resource } from './resource.ts';

export interface InformerOptions<T extends KubeObject> extends Selection {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Drops what nobody reads before an object is kept. `metadata.managedFields` always goes. */
  readonly transform?: (object: T) => T;
  /** Default 500. */
  readonly pageSize?: number;
  /** See WatchOptions. For tests. */
  readonly stallMilliseconds?: number;
  readonly watchTimeoutSeconds?: number;
}

/** `object` is undefined when it is gone, `previous` when it is new. Both are frozen. */
export type ChangeListener<T> = (key: string, object: T | undefined, previous: T | undefined) => void;

// After an outage of the API server all must agree again within 20 s, so nobody may sleep longer than a part of that.
const backoff = { firstMilliseconds: 200, longestMilliseconds: 5_000 };
/** A watch that lived this long was a good one, even if nothing happened meanwhile. */
const soundWatchMilliseconds = 5_000;

/**
 * Holds the objects of one kind as the server has them: lists once, then follows by watch, over every disconnection,
 * and lists again only when the server no longer knows where we left off (410). It runs until it is stopped, and is
 * not started again after that: build a new one.
 */
export class Informer<T extends KubeObject = UntypedObject> {
  readonly #options: InformerOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #metrics: InformerMetrics;
  readonly #logger: Logger;
  readonly #listeners: ChangeListener<T>[] = [];
  readonly #stopped = new AbortController();
  readonly #firstList = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #synced = false;
  #resourceVersion: string | undefined;
  #failures = 0;
  #lastProgressAt = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#store = new ObjectStore(options.transform);
    this.#metrics = informerMetrics(options.metrics, options.resource);
    this.#logger = options.logger.child({ resource: options.resource.plural });
    // A stop before the first list concerns only those who wait for it.
    this.#firstList.promise.catch(() => undefined);
  }

  /** The first list was applied, and its listeners were told. */
  get hasSynced(): boolean {
    return this.#synced;
  }

  /** Milliseconds since 1970 when the server last answered a list, sent an event or a bookmark; 0 before that. */
  get lastProgressAt(): number {
    return this.#lastProgressAt;
  }

  /** By `namespace/name`, or `name` when the kind is cluster-scoped. */
  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(): T[] {
    return this.#store.values();
  }

  /** Called in order, for each object, from now on: add listeners before the start to hear of every object. */
  onChange(listener: ChangeListener<T>): void {
    this.#listeners.push(listener);
  }

  /** Does nothing when it runs already. @throws Error when it was stopped. */
  start(): void {
    if (this.#stopped.signal.aborted) throw new Error(`The informer of ${this.#options.resource.plural} was stopped`);
    this.#running ??= this.#run(this.#stopped.signal);
  }

  /** No listener is called after this, and nothing is under way when it resolves. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#firstList.reject(new Error(`The informer of ${this.#options.resource.plural} was stopped`));
    await this.#running;
  }

  /** @throws the reason of the signal, or Error when the informer is stopped before. */
  async whenSynced(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#firstList.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#resourceVersion ??= await this.#relist(signal);
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, signal);
      }
    }
  }

  /** @returns the resource version to watch from. */
  async #relist(signal: AbortSignal): Promise<string> {
    const { client, resource, namespace, fieldSelector, labelSelector, pageSize = 500 } = this.#options;
    const selection = { namespace, fieldSelector, labelSelector, limit: pageSize };
    const items: T[] = [];
    let token: string | undefined;
    for (;;) {
      const page = await client.list<T>(resource, { ...selection, continue: token }, signal);
      for (const item of page.items) items.push(this.#store.prepare(item));
      this.#progressed();
      token = page.continue;
      if (token === undefined) {
        this.#metrics.relisted();
        this.#notify(this.#store.replace(items), signal);
        this.#markSynced(signal);
        return page.resourceVersion;
      }
    }
  }

  /** Returns when the server ends the watch as it said it would. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, fieldSelector, labelSelector } = this.#options;
    const { stallMilliseconds, watchTimeoutSeconds: timeoutSeconds } = this.#options;
    const startedAt = performance.now();
    const selection = { namespace, fieldSelector, labelSelector, resourceVersion: this.#resourceVersion };
    let eventCount = 0;
    try {
      for await (const event of client.watch<T>(
        resource,
        { ...selection, stallMilliseconds, timeoutSeconds },
        signal,
      )) {
        eventCount += 1;
        this.#take(event, signal);
      }
    } finally {
      if (performance.now() - startedAt >= soundWatchMilliseconds) this.#failures = 0;
    }
    if (eventCount === 0 && performance.now() - startedAt < soundWatchMilliseconds && !signal.aborted) {
      throw new KubeConnectionError('The server ended the watch at once');
    }
  }

  #take(event: WatchEvent<T>, signal: AbortSignal): void {
    this.#failures = 0;
    this.#progressed();
    // The version moves before the listeners are called: whatever they do, no event is read twice.
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
    const change = this.#store.apply(event);
    if (change) this.#notify([change], signal);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (isExpired(error)) this.#resourceVersion = undefined;
    this.#failures += 1;
    this.#metrics.restarted();
    const asked = error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const waitMilliseconds = Math.max(asked, backoffMilliseconds(this.#failures, backoff));
    this.#logger.warn({ err: error, failures: this.#failures, waitMilliseconds }, 'List or watch failed');
    await delay(waitMilliseconds, undefined, { signal }).catch(() => undefined);
  }

  /** A listener that throws is its own problem: neither the next one nor the watch may suffer. */
  #notify(changes: readonly ObjectChange<T>[], signal: AbortSignal): void {
    this.#metrics.holds(this.#store.size);
    for (const { key, object, previous } of changes) {
      for (const listener of this.#listeners) {
        if (signal.aborted) return;
        try {
          listener(key, object, previous);
        } catch (error) {
          this.#metrics.listenerFailed();
          this.#logger.error({ err: error, key }, 'Listener threw');
        }
      }
    }
  }

  #markSynced(signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#synced = true;
    this.#firstList.resolve();
  }

  #progressed(): void {
    this.#lastProgressAt = Date.now();
    this.#metrics.progressed();
  }
}
