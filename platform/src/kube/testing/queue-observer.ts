import fc from 'fast-check';
import { vi } from 'vitest';
import { settle } from './manual-queue.ts';
import type { ManualQueue, Pass } from './manual-queue.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');

/** What can happen to a queue. */
export const queueStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('addAfter' as const), key, delay: fc.nat(500) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('endAndRequeue' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fail' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), delay: fc.nat(2_000) }) },
);
type QueueStep = typeof queueStep extends fc.Arbitrary<infer Value> ? Value : never;

/** Makes things happen to a queue, and notes what must never be. */
export class QueueObserver {
  readonly #manual: ManualQueue;
  readonly #concurrency: number;
  readonly #seen = new Set<Pass>();
  readonly #owed = new Set<string>();
  readonly violations: string[] = [];

  constructor(manual: ManualQueue, concurrency: number) {
    this.#manual = manual;
    this.#concurrency = concurrency;
  }

  /** Keys added that no pass has started for since. */
  get owed(): string[] {
    return [...this.#owed];
  }

  async perform(step: QueueStep): Promise<void> {
    const { queue } = this.#manual;
    switch (step.kind) {
      case 'add':
        this.#owed.add(step.key);
        queue.add(step.key);
        break;
      case 'addAfter':
        this.#owed.add(step.key);
        queue.addAfter(step.key, step.delay);
        break;
      case 'wait':
        await vi.advanceTimersByTimeAsync(step.delay);
        break;
      case 'end':
        await this.#pass(step.which)?.end();
        break;
      case 'endAndRequeue':
        await this.#pass(step.which)?.end({ requeueAfterMilliseconds: 100 });
        break;
      case 'fail':
        await this.#pass(step.which)?.fail(new Error('broken'));
        break;
    }
    await this.#check();
  }

  /** Until nothing is left to do, now or later. */
  async drain(): Promise<void> {
    const { running } = this.#manual;
    do {
      while (running.length > 0) {
        await this.#check();
        await running[0]?.end();
      }
      await vi.advanceTimersByTimeAsync(120_000);
    } while (running.length > 0);
  }

  #pass(which: number): Pass | undefined {
    return this.#manual.running[which % Math.max(this.#manual.running.length, 1)];
  }

  async #check(): Promise<void> {
    await settle();
    const { queue, running } = this.#manual;
    const keys = this.#manual.runningKeys();
    if (new Set(keys).size < keys.length) this.violations.push(`one key twice at once: ${keys.join()}`);
    if (keys.length > this.#concurrency) this.violations.push(`too many at once: ${keys.join()}`);
    if (queue.depth > 0 && keys.length < this.#concurrency) this.violations.push('idle with work to do');
    for (const pass of running.filter((each) => !this.#seen.has(each))) {
      this.#seen.add(pass);
      this.#owed.delete(pass.key);
    }
  }
}
