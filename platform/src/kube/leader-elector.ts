import { setTimeout as delay } from 'node:timers/promises';
import type { Gauge, Logger, MetricsRegistry } from '../telemetry/index.ts';
import { builtinResources } from './builtin-resources.ts';
import { startDeadline } from './deadline.ts';
import type { KubeClient } from './kube-client.ts';
import { isAlreadyExists, isConflict } from './kube-error.ts';
import { LeaseObservation } from './lease.ts';
import type { Lease, LeaseSpec } from './lease.ts';
import { microTime } from './micro-time.ts';

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Unique among the candidates, and over restarts. */
  readonly identity: string;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Others wait this long after the last renewal they saw. Default 15. */
  readonly leaseSeconds?: number;
  /** We step down when we could not renew for this long; must be below `leaseSeconds`. Default 10. */
  readonly renewSeconds?: number;
  /** Between two attempts. Default 2. */
  readonly retrySeconds?: number;
}

export interface LeadershipCallbacks {
  /** The work of the leader. Ends when the signal is aborted; the lease is renewed until it has ended. */
  onStarted(signal: AbortSignal): Promise<void>;
  /** After that. */
  onStopped?(reason: LeadershipEnd): void;
}

/** `lost` means that another process may lead now: exit rather than go on. */
export type LeadershipEnd = 'released' | 'lost';

/**
 * One leader at a time, by a Lease. No two processes believe to lead at once as long as clocks run at the same pace:
 * a leader counts from before its last successful renewal and gives up after `renewSeconds`, the others count from
 * when they saw that renewal, which is later, and wait for `leaseSeconds`.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #lease: { namespace: string; name: string };
  readonly #seconds: { lease: number; renew: number; retry: number };
  readonly #observation = new LeaseObservation();
  readonly #logger: Logger;
  readonly #gauge: Gauge<'lease'>;
  /** By `performance.now()`; undefined: not leading. */
  #leadingUntil: number | undefined;

  constructor(options: LeaderElectorOptions) {
    const { leaseSeconds = 15, renewSeconds = 10, retrySeconds = 2, namespace, name } = options;
    if (!(retrySeconds < renewSeconds && renewSeconds < leaseSeconds)) {
      throw new RangeError(`retry ${retrySeconds} s < renew ${renewSeconds} s < lease ${leaseSeconds} s must hold`);
    }
    this.#options = options;
    this.#lease = { namespace, name };
    this.#seconds = { lease: leaseSeconds, renew: renewSeconds, retry: retrySeconds };
    this.#logger = options.logger.child({ lease: `${namespace}/${name}`, identity: options.identity });
    this.#gauge = options.metrics.gauge({
      name: 'autoweave_leader_election_is_leader',
      help: '1 while this process holds the lease.',
      labels: ['lease'],
    });
    this.#gauge.set(0, { lease: name });
  }

  /** Judged by time, so that it is right at once after the process was paused, before any timer has fired. */
  get isLeading(): boolean {
    return this.#leadingUntil !== undefined && performance.now() < this.#leadingUntil;
  }

  /**
   * Waits for the lease, leads, and returns when leading has ended: when `signal` is aborted, when the work of the
   * leader ends by itself, or when the lease is lost.
   *
   * @throws what `onStarted` throws, after the lease was released.
   */
  async run(callbacks: LeadershipCallbacks, signal: AbortSignal): Promise<LeadershipEnd> {
    if (!(await this.#acquire(signal))) return 'released';
    this.#logger.info('Started leading');
    const leading = new AbortController();
    const stop = () => leading.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const worked = new AbortController();
    const work = callbacks.onStarted(leading.signal).finally(() => worked.abort());
    const settled = Promise.allSettled([work]);
    const end = await this.#renewUntil(worked.signal);
    if (end === 'lost') this.#lead(undefined);
    leading.abort(new Error(`Leadership was ${end}`));
    await settled;
    signal.removeEventListener('abort', stop);
    if (end === 'released') await this.#release();
    this.#logger.info({ reason: end }, 'Stopped leading');
    callbacks.onStopped?.(end);
    await work;
    return end;
  }

  /** @returns false when the signal was aborted first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if ((await this.#attempt('acquire', signal)) === 'held') return true;
      await this.#pause(Infinity, signal);
    }
    return false;
  }

  /** Renews until `signal` is aborted, or until the lease is another's or no renewal succeeded in time. */
  async #renewUntil(signal: AbortSignal): Promise<LeadershipEnd> {
    while (!signal.aborted) {
      await this.#pause(this.#remaining(), signal);
      if (signal.aborted) break;
      if ((await this.#attempt('renew', signal)) === 'taken') return 'lost';
      if (!this.isLeading) return 'lost';
    }
    return this.isLeading ? 'released' : 'lost';
  }

  /** Milliseconds until we must have renewed. */
  #remaining(): number {
    return Math.max(0, (this.#leadingUntil ?? 0) - performance.now());
  }

  /** @param renewedAt when the request of the last successful renewal was about to be sent */
  #lead(renewedAt: number | undefined): void {
    this.#leadingUntil = renewedAt === undefined ? undefined : renewedAt + this.#seconds.renew * 1000;
    this.#gauge.set(renewedAt === undefined ? 0 : 1, { lease: this.#options.name });
  }

  /** `taken`: another holds the lease. `failed`: the API server could not be asked, or somebody was faster. */
  async #attempt(purpose: 'acquire' | 'renew', signal: AbortSignal): Promise<'held' | 'taken' | 'failed'> {
    const startedAt = performance.now();
    const limit = purpose === 'renew' ? this.#remaining() : this.#seconds.renew * 1000;
    const deadline = startDeadline(limit, signal);
    try {
      const lease = await this.#options.client.get<Lease>(builtinResources.lease, this.#lease, deadline.signal);
      if (lease && !this.#mayHold(lease, purpose)) return 'taken';
      await this.#write(lease, deadline.signal);
      this.#lead(startedAt);
      return 'held';
    } catch (error) {
      if (!signal.aborted && !isConflict(error) && !isAlreadyExists(error)) {
        this.#logger.warn({ err: error }, 'Lease request failed');
      }
      return 'failed';
    } finally {
      deadline.clear();
    }
  }

  /** A leader never takes back what another took from it: that one has led meanwhile. */
  #mayHold(lease: Lease, purpose: 'acquire' | 'renew'): boolean {
    this.#observation.observe(lease);
    if (lease.spec?.holderIdentity === this.#options.identity) return true;
    return purpose === 'acquire' && this.#observation.isFree(lease, this.#seconds.lease);
  }

  /** The resource version makes the server refuse when somebody else was faster. */
  async #write(lease: Lease | undefined, signal: AbortSignal): Promise<void> {
    const { client, identity } = this.#options;
    const { lease: leaseDurationSeconds } = this.#seconds;
    const renewTime = microTime();
    const held: LeaseSpec = { holderIdentity: identity, leaseDurationSeconds, renewTime };
    if (!lease) {
      const spec = { ...held, acquireTime: renewTime, leaseTransitions: 0 };
      await client.create<Lease>(builtinResources.lease, { metadata: this.#lease, spec }, signal);
      return;
    }
    const ours = lease.spec?.holderIdentity === identity;
    const taken = { acquireTime: renewTime, leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1 };
    const spec = { ...lease.spec, ...held, ...(ours ? {} : taken) };
    await client.update<Lease>(builtinResources.lease, { metadata: lease.metadata, spec }, {}, signal);
  }

  /** Lets a successor start at once. Failing is no harm: the lease runs out. */
  async #release(): Promise<void> {
    const { client, identity } = this.#options;
    const deadline = startDeadline(Math.min(this.#remaining(), 5_000));
    this.#lead(undefined);
    try {
      const lease = await client.get<Lease>(builtinResources.lease, this.#lease, deadline.signal);
      if (lease?.spec?.holderIdentity !== identity) return;
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime() };
      await client.update<Lease>(builtinResources.lease, { metadata: lease.metadata, spec }, {}, deadline.signal);
    } catch (error) {
      this.#logger.warn({ err: error }, 'Lease was not released');
    } finally {
      deadline.clear();
    }
  }

  async #pause(atMostMilliseconds: number, signal: AbortSignal): Promise<void> {
    const milliseconds = Math.min(this.#seconds.retry * 1000 * (1 + Math.random() / 5), atMostMilliseconds);
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
