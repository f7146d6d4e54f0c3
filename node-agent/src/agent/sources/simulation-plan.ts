import type { ScannedDevice } from '../ports.ts';

/** What happens next to a simulated machine. */
export interface SimulationStep {
  readonly action: 'plug' | 'unplug';
  readonly device: ScannedDevice;
}

/** Next number of the sequence, from 0 up to 1: mulberry32, so that a seed tells the same story everywhere. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chooses a step that physics allows: nothing is plugged into a hub that is not there, and what is in a hub goes first. */
export function nextStep(
  all: readonly ScannedDevice[],
  plugged: ReadonlySet<string>,
  random: () => number,
): SimulationStep | undefined {
  const steps: SimulationStep[] = [];
  for (const device of all) {
    const parent = parentOf(device.sysfsName);
    if (plugged.has(device.sysfsName)) {
      if (!all.some((other) => plugged.has(other.sysfsName) && parentOf(other.sysfsName) === device.sysfsName)) {
        steps.push({ action: 'unplug', device });
      }
    } else if (parent === undefined || plugged.has(parent)) {
      steps.push({ action: 'plug', device });
    }
  }
  return steps[Math.floor(random() * steps.length)];
}

/** `1-3` of `1-3.1`; undefined at a root hub. */
export function parentOf(sysfsName: string): string | undefined {
  const dot = sysfsName.lastIndexOf('.');
  return dot < 0 ? undefined : sysfsName.slice(0, dot);
}
