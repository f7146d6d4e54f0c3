import { takeUntil } from './chain-phases.ts';
import type { ProductProcess } from '../system/product.ts';
import { churn } from './schedule.ts';
import { ports, type Stage } from './stage.ts';
import { type Slope, slopeOf } from './statistics.ts';

export interface LeakPlan {
  /** The stream that must have told of each event before the heap is looked at. */
  readonly stream: string;
  readonly eventsPerSecond: number;
  /** Before the first sample: buffers, caches and compiled code fill up to their bounds, which is no leak. */
  readonly warmUpCycles: number;
  readonly cyclesPerSample: number;
}

export interface LeakFigures extends Slope {
  readonly name: string;
  readonly warmUpCycles: number;
  readonly cycles: number;
  readonly firstBytes: number;
  readonly lastBytes: number;
}

const sampleCount = 20;
/** A machine that is too slow for all samples is judged by as many as fit; ten at least. */
const limitMilliseconds = 90_000;
const leastSamples = 10;

/** Bytes of live heap per 1,000 cycles of attach and detach, with everything that follows from each. */
export async function leakPhase(
  stage: Stage,
  processes: Readonly<Record<string, ProductProcess>>,
  plan: LeakPlan,
): Promise<LeakFigures[]> {
  const { warmUpCycles, cyclesPerSample } = plan;
  if (warmUpCycles > 0) await cycle(stage, warmUpCycles, plan);
  const samples: Record<string, number>[] = [];
  const endsAt = performance.now() + limitMilliseconds;
  while (samples.length < sampleCount && (samples.length < leastSamples || performance.now() < endsAt)) {
    await cycle(stage, cyclesPerSample, plan);
    const live = Object.entries(processes).map(async ([name, each]) => [name, await each.liveBytes()] as const);
    samples.push(Object.fromEntries(await Promise.all(live)));
  }
  return Object.keys(processes).map((name) => {
    const bytes = samples.map((sample) => sample[name] ?? Number.NaN);
    const points = bytes.map((y, sample) => ({ x: ((sample + 1) * cyclesPerSample) / 1000, y }));
    const cycles = samples.length * cyclesPerSample;
    const ends = { firstBytes: bytes[0] ?? 0, lastBytes: bytes.at(-1) ?? 0 };
    return { name, warmUpCycles, cycles, ...slopeOf(points), ...ends };
  });
}

async function cycle(stage: Stage, cycles: number, { stream, eventsPerSecond }: LeakPlan): Promise<void> {
  const seconds = (cycles * 2) / eventsPerSecond;
  const used = [...ports.churning, ...ports.staying];
  const events = stage.addresses.number(churn({ ports: used, eventsPerSecond, seconds }));
  await stage.inject(events);
  await takeUntil(stage, stream, events.length);
}
