import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cpuSeconds, ticksPerSecond } from './process-figures.ts';

/** What the rest of the machine did meanwhile, in processors: a run beside more than half a one says little. */
export class ForeignLoad {
  readonly #startedAt = performance.now();
  readonly #busyBefore = busySeconds();
  readonly #ownBefore = ownSeconds();

  stop(): number {
    let own = 0;
    for (const [processId, seconds] of ownSeconds()) own += seconds - (this.#ownBefore.get(processId) ?? 0);
    const elapsed = (performance.now() - this.#startedAt) / 1000;
    return Math.max(0, (busySeconds() - this.#busyBefore - own) / elapsed);
  }
}

/** Of all processors: everything but idle and waiting for disks. */
function busySeconds(): number {
  const [, , ...ticks] = (readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '').split(' ');
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = ticks.map(Number);
  return (user + nice + system + interrupts + softInterrupts) / ticksPerSecond;
}

/** Of every process of the bench, by id: they are those in our network namespace. */
function ownSeconds(): Map<number, number> {
  const own = readlinkSync('/proc/self/ns/net');
  const seconds = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (readlinkSync(`/proc/${name}/ns/net`) === own) seconds.set(Number(name), cpuSeconds(Number(name)));
    } catch {
      // Ended since it was listed, or not ours to see.
    }
  }
  return seconds;
}
