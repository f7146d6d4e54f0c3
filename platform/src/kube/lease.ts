import type { KubeObject } from './kube-object.ts';

/** coordination.k8s.io/v1 Lease */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** MicroTime */
  readonly acquireTime?: string;
  /** MicroTime */
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/**
 * When a Lease was last seen to change, by our own clock. The times written in it are those of other machines, whose
 * clocks may be wrong by any amount.
 */
export class LeaseObservation {
  readonly #now: () => number;
  #record = '';
  #changedAt = 0;

  /** @param now milliseconds of a clock that is never set */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  observe(lease: Lease): void {
    const record = JSON.stringify([lease.metadata.uid, lease.spec?.holderIdentity, lease.spec?.renewTime]);
    if (record === this.#record) return;
    this.#record = record;
    this.#changedAt = this.#now();
  }

  /** Nobody holds it, or its holder has not renewed it for as long as it promised to. */
  isFree(lease: Lease, fallbackSeconds: number): boolean {
    if (!lease.spec?.holderIdentity) return true;
    const seconds = lease.spec.leaseDurationSeconds ?? fallbackSeconds;
    return this.#now() - this.#changedAt > seconds * 1000;
  }
}
