import { agentContender, floorContender, pipeContender, slowPollerContender } from './contenders.ts';
import type { ContenderFigures } from './hotplug-phase.ts';
import { round } from './round.ts';
import type { RoutedFigures } from './routed-phase.ts';
import type { BenchResult } from './run-bench.ts';

export interface Goal {
  readonly name: string;
  readonly target: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** What we set out to reach (docs/performance.md), beside what this run measured. */
export function judge(result: BenchResult): Goal[] {
  return [...hotplugGoals(result), ...chainGoals(result), ...memoryGoals(result)];
}

function hotplugGoals({ hotplug }: BenchResult): Goal[] {
  const figures = (name: string) => hotplug.contenders.find((each) => each.name === name) as ContenderFigures;
  const agent = figures(agentContender.name);
  const toFloor = agent.p95.median / figures(floorContender.name).p95.median;
  const toPipe = figures(pipeContender.name).p95.median / agent.p95.median;
  const toPoller = figures(slowPollerContender.name).p50.median / agent.p50.median;
  return [
    limit('G1 uevent → consumer, p95', agent.p95.median, { most: 3, unit: 'ms' }),
    limit('G1 the same, p99', agent.p99.median, { most: 10, unit: 'ms' }),
    limit('G1 p95 against the floor of the run', toFloor, { most: 2, unit: '×' }),
    verdict('G1 every event exactly once, in order', 'yes', agent.exact ? 'yes' : 'no', agent.exact),
    verdict('G2 p95 of udevadm | redis-cli against ours', '≥ 10 ×', `${round(toPipe)} ×`, toPipe >= 10),
    verdict('G2 median of a 10 s poller against ours', '≥ 1000 ×', `${round(toPoller)} ×`, toPoller >= 1000),
    verdict('G2 stays of 50 ms that are seen', '100 %', percent(agent.shortStaysSeen), agent.shortStaysSeen === 1),
    verdict(
      'G11 agent, of one processor at 200/s',
      '≤ 10 %',
      percent(hotplug.agentCpuFraction),
      hotplug.agentCpuFraction <= 0.1,
    ),
  ];
}

function chainGoals({ visible, results, routed }: BenchResult): Goal[] {
  const [usual] = results;
  const burst = routed.at(-1);
  return [
    ...(usual === undefined
      ? []
      : [limit('G3 uevent → plugin result, p95 at 200/s', usual.p95, { most: 10, unit: 'ms' })]),
    ...(burst === undefined ? [] : [routedGoal(burst)]),
    limit('G17 uevent → UsbDevice at a watcher, p95', visible.p95, { most: 50, unit: 'ms' }),
  ];
}

function routedGoal({ load, routed, bare }: RoutedFigures): Goal {
  const ratio = routed.perSecond / bare.perSecond;
  const isExact = routed.received === routed.sent;
  return verdict(`Routed path to two bare hops, ${load.name}`, '≥ 60 %', percent(ratio), ratio >= 0.6 && isExact);
}

function memoryGoals({ memory, leaks }: BenchResult): Goal[] {
  return [
    limit('G10 agent, resident, 50 devices', memory['agent']?.resident ?? Number.NaN, { most: 96, unit: 'MB' }),
    limit('G10 operator, resident, 50 devices', memory['operator']?.resident ?? Number.NaN, { most: 256, unit: 'MB' }),
    // Without a warm-up the slope is that of buffers that fill or backlogs that drain: it decides nothing.
    ...leaks
      .filter(({ warmUpCycles }) => warmUpCycles > 0)
      .map(({ name, upper }) =>
        limit(`G12 ${name}, live heap per 1,000 cycles, upper bound`, upper / 1024, { most: 10, unit: 'KiB' }),
      ),
  ];
}

function limit(name: string, value: number, { most, unit }: { most: number; unit: string }): Goal {
  return verdict(name, `≤ ${most} ${unit}`, `${round(value)} ${unit}`, value <= most);
}

function verdict(name: string, target: string, measured: string, reached: boolean): Goal {
  return { name, target, measured, reached };
}

function percent(fraction: number): string {
  return `${round(fraction * 100)} %`;
}
