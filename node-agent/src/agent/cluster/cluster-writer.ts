import { AutoWeaveError } from '@autoweave/platform/errors';
import {
  isConflict,
  isNotFound,
  WaitError,
  type ApplyConfiguration,
  type KubeClient,
  type KubeObject,
  type Resource,
} from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { ApiAvailability } from './api-availability.ts';
import { WriteBudget, type WriteBudgetOptions } from './write-budget.ts';

export interface ClusterWriterOptions {
  readonly client: KubeClient;
  readonly fieldManager: string;
  readonly budget: WriteBudgetOptions;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface StatusWrite<T> {
  readonly resource: Resource;
  /** Written when the object is missing. */
  readonly metadata: ApplyConfiguration<T>['metadata'];
  readonly status: object;
  /** Written when another agent's word on a field of `status` differs. Default: that agent's word is taken over. */
  readonly statusOnConflict?: object;
}

/** Applies status objects for one node, within its write budget, and waits while the API server takes nothing. */
export class ClusterWriter {
  readonly #options: ClusterWriterOptions;
  readonly #budget: WriteBudget;
  readonly #availability: ApiAvailability;
  readonly #writes;

  constructor(options: ClusterWriterOptions) {
    this.#options = options;
    this.#budget = new WriteBudget(options.budget);
    this.#availability = new ApiAvailability(options.logger);
    this.#writes = options.metrics.counter({
      name: 'autoweave_cluster_writes_total',
      help: 'Objects that the agent applied, and applies that failed.',
      labels: { kind: [], outcome: ['applied', 'failed'] },
    });
  }

  /** Why nothing can be written; undefined when it can. */
  get problem(): string | undefined {
    return this.#availability.problem;
  }

  /**
   * Applies a status; creates the object first when it is missing.
   * @throws WaitError when it is too early: ask again with what is right then.
   * @throws KubeError when the server refuses this object.
   */
  async apply<T extends KubeObject>(write: StatusWrite<T>, signal: AbortSignal): Promise<void> {
    const { kind } = write.resource;
    this.#requireAvailable();
    const wait = this.#budget.take(`${kind}/${write.metadata.name}`);
    if (wait > 0) throw new WaitError(wait);
    try {
      await this.#noteAvailability(this.#applyOrCreate(write, signal));
      this.#writes.increment({ kind, outcome: 'applied' });
    } catch (error) {
      this.#writes.increment({ kind, outcome: 'failed' });
      throw error;
    }
  }

  /** @throws as `apply`; `undefined` when there is no such object. */
  async read<T extends KubeObject>(resource: Resource, name: string, signal: AbortSignal): Promise<T | undefined> {
    this.#requireAvailable();
    return this.#noteAvailability(this.#options.client.get<T>(resource, { name }, signal));
  }

  #requireAvailable(): void {
    const pause = this.#availability.pauseMilliseconds;
    if (pause > 0) throw new WaitError(pause);
  }

  async #noteAvailability<R>(request: Promise<R>): Promise<R> {
    try {
      const result = await request;
      this.#availability.succeeded();
      return result;
    } catch (error) {
      if (!this.#availability.failed(error)) throw error;
      throw new WaitError(this.#availability.pauseMilliseconds);
    }
  }

  /** Nothing is left to write for this object. */
  forget(resource: Resource, name: string): void {
    this.#budget.forget(`${resource.kind}/${name}`);
  }

  async #applyOrCreate<T extends KubeObject>(write: StatusWrite<T>, signal: AbortSignal): Promise<void> {
    try {
      await this.#applyStatus(write, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#create(write, signal);
      await this.#applyStatus(write, signal);
    }
  }

  async #applyStatus<T extends KubeObject>(write: StatusWrite<T>, signal: AbortSignal): Promise<void> {
    const { status, statusOnConflict } = write;
    try {
      await this.#applyOnce(write, { status, force: statusOnConflict === undefined }, signal);
    } catch (error) {
      if (!isConflict(error) || statusOnConflict === undefined) throw error;
      await this.#applyOnce(write, { status: statusOnConflict, force: true }, signal);
    }
  }

  async #applyOnce<T extends KubeObject>(
    { resource, metadata: { name } }: StatusWrite<T>,
    { status, force }: { status: object; force: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { client, fieldManager } = this.#options;
    await client.apply(
      resource,
      { metadata: { name }, status },
      { fieldManager, subresource: 'status', force },
      signal,
    );
  }

  async #create<T extends KubeObject>({ resource, metadata }: StatusWrite<T>, signal: AbortSignal): Promise<void> {
    const { client, fieldManager } = this.#options;
    try {
      await client.apply(resource, { metadata }, { fieldManager, force: true }, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const message = `the API server does not serve ${resource.plural}.${resource.group}`;
      throw new AutoWeaveError('AW_CRD_MISSING', message, { cause: error });
    }
  }
}
