import type { WaitingJob } from '@autoweave/crds';
import { joinKey } from '@autoweave/platform/kube';
import type { RoomJob } from './room-state.ts';

/** Who has to wait for whom, while the jobs of a room are looked at in order of arrival. */
export class Order {
  readonly #running = new Set<string>();
  readonly #waitingEvents = new Set<string>();
  readonly #waitingJobs = new Set<string>();
  #exclusiveRuns = false;

  /** Whatever has a copy in a lane counts as running, also when it stands behind: an event may have passed a job. */
  constructor(jobs: readonly RoomJob[]) {
    for (const job of jobs) {
      if (job.copy !== undefined && !job.recorded) this.runs(job.entry);
    }
  }

  allows(job: WaitingJob): boolean {
    if (job.exclusive && this.#exclusiveRuns) return false;
    if (!isOrdered(job)) return true;
    const plugin = joinKey(job.plugin);
    if (this.#running.has(plugin) || this.#waitingEvents.has(plugin)) return false;
    return isEvent(job) || !this.#waitingJobs.has(plugin);
  }

  /** Plugins of which no event is allowed now. */
  heldPlugins(): ReadonlySet<string> {
    return this.#running.union(this.#waitingEvents);
  }

  runs(job: WaitingJob): void {
    if (job.exclusive) this.#exclusiveRuns = true;
    if (isOrdered(job)) this.#running.add(joinKey(job.plugin));
  }

  waits(job: WaitingJob): void {
    if (!isOrdered(job)) return;
    (isEvent(job) ? this.#waitingEvents : this.#waitingJobs).add(joinKey(job.plugin));
  }
}

export function isEvent(job: WaitingJob): boolean {
  return job.event !== undefined;
}

function isOrdered(job: WaitingJob): boolean {
  return job.deviceName !== undefined || isEvent(job);
}
