import { judge } from './goals.ts';
import { round } from './round.ts';
import { eventsPerSecond, type ContenderFigures } from './hotplug-phase.ts';
import type { RoutedFigures } from './routed-phase.ts';
import type { BenchResult } from './run-bench.ts';
import type { Spread } from './statistics.ts';
import { textTable } from './text-table.ts';

/** What the bench prints: tables for people; everything else is in the JSON file. */
export function report(result: BenchResult): string {
  const { machine, foreignLoad } = result;
  const beside = Object.entries(foreignLoad).map(([phase, processors]) => `${phase} ${round(processors)}`);
  const sections = [
    [
      `${machine.processors} × ${machine.processor}, ${machine.memoryGigabytes} GB, Linux ${machine.kernel}, ` +
        `Node ${machine.node}, Redis ${machine.redis} (appendfsync everysec), ${machine.date}, load before ${machine.loadBefore}`,
      `Processors that others used meanwhile: ${beside.join(', ')}`,
    ],
    [
      `Uevent → stream consumer at ${eventsPerSecond}/s, ms (median of 5 rounds, range)`,
      hotplugTable(result),
      partialLine(result),
    ],
    ['Further on the way, ms', chainTable(result)],
    [routedReport(result.routed)],
    ['Memory, MB', memoryTable(result)],
    ['Goals', goalsTable(result)],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function hotplugTable({ hotplug }: BenchResult): string {
  const floor = hotplug.contenders.find(({ name }) => name === 'floor');
  const rows = hotplug.contenders.map((each) => [
    each.name,
    withRange(each.p50),
    withRange(each.p95),
    withRange(each.p99),
    floor === undefined || each.polls ? '–' : `${round(each.p95.median / floor.p95.median)} ×`,
    delivered(each),
    `${round(each.shortStaysSeen * 100)} %`,
  ]);
  return textTable(['', 'p50', 'p95', 'p99', 'p95 to floor', 'delivered', '50 ms stays seen'], rows);
}

/** Delivered, but without the attributes: the exact-delivery check does not see it. */
function partialLine({ hotplug }: BenchResult): string {
  return `Of the agent's events ${hotplug.partial} were partial: the device was gone before it could be read.`;
}

function delivered({ sent, received, extra, outOfOrder, exact, polls }: ContenderFigures): string {
  if (exact) return `${received} of ${sent}, exact`;
  const faults = [extra > 0 ? `${extra} extra` : '', outOfOrder > 0 ? `${outOfOrder} out of order` : ''];
  return [`${received} of ${sent}`, ...(polls ? [] : faults.filter((text) => text !== ''))].join(', ');
}

function chainTable({ visible, results }: BenchResult): string {
  const rows = [
    { what: 'UsbDevice at a watcher', ...visible },
    ...results.map((figures) => ({ what: 'plugin result', ...figures })),
  ].map(({ what, p50, p95, p99, streamP95, received, sent, exact, failed, eventsPerSecond: rate }) => [
    `${what}, ${rate}/s`,
    round(p50),
    round(p95),
    round(p99),
    round(streamP95),
    `${received} of ${sent}${exact ? ', exact' : ''}${failed > 0 ? `, ${failed} failed` : ''}`,
  ]);
  return textTable(['', 'p50', 'p95', 'p99', 'p95 at the stream', 'delivered'], rows);
}

/** The routed path beside two bare hops of BullMQ. */
export function routedReport(routed: readonly RoutedFigures[]): string {
  const rows = routed.flatMap(({ load, ...ways }) => {
    return [['routed', ways.routed] as const, ['two bare hops', ways.bare] as const].map(
      ([name, { p50, p95, p99, perSecond, received, sent, cpuMilliseconds, commands }]) => [
        `${load.name}, ${name}`,
        ...[p50, p95, p99, perSecond].map(round),
        `${received} of ${sent}`,
        round(sum(Object.values(commands))),
        Object.entries(cpuMilliseconds)
          .map(([process, milliseconds]) => `${process} ${round(milliseconds)}`)
          .join(', '),
      ],
    );
  });
  const head = ['', 'p50', 'p95', 'p99', 'jobs/s', 'delivered', 'commands a job', 'processor time a job, ms'];
  return `Event stream → plugin result from the stream on, ms\n${textTable(head, rows)}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function memoryTable({ memory, memoryAfter, leaks }: BenchResult): string {
  const rows = Object.entries(memory).map(([name, idle]) => {
    const leak = leaks.find((each) => each.name === name);
    const slope = leak && `${round(leak.slope / 1024)} (${round(leak.lower / 1024)} … ${round(leak.upper / 1024)})`;
    const cycles = leak && `${leak.cycles}, after ${leak.warmUpCycles}`;
    const after = memoryAfter[name]?.resident ?? Number.NaN;
    return [name, round(idle.resident), round(idle.anonymous), round(after), slope ?? '–', cycles ?? '–'];
  });
  const head = [
    '',
    'resident, idle',
    'of it anonymous',
    'resident at the end',
    'live heap, KiB per 1,000 cycles (95 %)',
  ];
  return textTable([...head, 'cycles'], rows);
}

function goalsTable(result: BenchResult): string {
  const rows = judge(result).map(({ name, target, measured, reached }) => [
    name,
    target,
    measured,
    reached ? 'reached' : 'MISSED',
  ]);
  return textTable(['', 'goal', 'measured', ''], rows);
}

function withRange({ median, least, most }: Spread): string {
  return least === most ? round(median) : `${round(median)} (${round(least)}–${round(most)})`;
}
