import type { Logger, MetricsRegistry } from '../telemetry/index.ts';
import type { Informer } from './informer.ts';
import type { KubeObject } from './kube-object.ts';
import { objectKey } from './object-key.ts';
import { WorkQueue } from './work-queue.ts';
import type { Reconcile } from './work-queue.ts';

export interface ControllerOptions {
  /** For logs and metrics. */
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Sees only a key: what is to be done follows from the state of the world, not from what happened. */
  readonly reconcile: Reconcile;
  readonly concurrency?: number;
  /** Every key is looked at again after this time, give or take a tenth. Default 10 minutes. */
  readonly resyncMilliseconds?: number;
}

/** The keys to reconcile when an object changes; `object` is undefined when it is gone, `previous` when it is new. */
export type KeyMapper<T> = (key: string, object: T | undefined, previous: T | undefined) => Iterable<string>;

/** Turns changes of objects into passes over keys. The informers belong to the caller, who starts and stops them. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #logger: Logger;
  readonly #queue: WorkQueue;
  readonly #sources: { whenSynced(signal?: AbortSignal): Promise<void>; keys(): Iterable<string> }[] = [];
  #resync: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ controller: options.name });
    this.#queue = new WorkQueue(options);
  }

  /** Call before the start. Without a mapper the keys are those of the objects. */
  watch<T extends KubeObject>(informer: Informer<T>, mapper: KeyMapper<T> = (key) => [key]): this {
    informer.onChange((key, object, previous) => {
      for (const mapped of mapper(key, object, previous)) this.#queue.add(mapped);
    });
    this.#sources.push({
      whenSynced: (signal) => informer.whenSynced(signal),
      keys: () => informer.list().flatMap((object) => [...mapper(objectKey(object), object, object)]),
    });
    return this;
  }

  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** Begins with a pass over every key, once all informers have synced. @throws the reason of the signal */
  async start(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.whenSynced(signal)));
    if (this.#stopped) return;
    const { reconcile, concurrency } = this.#options;
    this.#enqueueAll();
    this.#queue.start({ reconcile, ...(concurrency === undefined ? {} : { concurrency }) });
    this.#scheduleResync();
  }

  /** See WorkQueue. */
  async stop(options?: { graceMilliseconds?: number }): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#resync);
    await this.#queue.stop(options);
  }

  #enqueueAll(): void {
    for (const source of this.#sources) {
      for (const key of source.keys()) this.#queue.add(key);
    }
  }

  #scheduleResync(): void {
    const period = this.#options.resyncMilliseconds ?? 600_000;
    this.#resync = setTimeout(
      () => {
        try {
          this.#enqueueAll();
        } catch (error) {
          this.#logger.error({ err: error }, 'Resync failed');
        }
        this.#scheduleResync();
      },
      period * (0.9 + Math.random() / 5),
    );
  }
}
