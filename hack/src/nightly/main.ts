import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFaultProcess } from '../faults/fault-process.ts';
import type { FaultReport } from '../faults/run-faults.ts';

const reportDirectory = join(import.meta.dirname, '../../../.cache/nightly');

const { values } = parseArgs({
  options: { hours: { type: 'string', default: '4' }, rounds: { type: 'string', default: '4' } },
});
const hours = Number(values.hours);
const rounds = Number(values.rounds);
if (!(hours > 0 && rounds > 0)) throw new RangeError('--hours and --rounds are numbers above 0');

await mkdir(reportDirectory, { recursive: true });
const reportFile = join(reportDirectory, `${new Date().toISOString().replaceAll(':', '-')}.jsonl`);
const endsAt = Date.now() + hours * 3_600_000;
let passed = 0;
let failed = 0;
do {
  const report = await attempt();
  await appendFile(reportFile, `${JSON.stringify(report)}\n`);
  if (report.problems.length === 0) passed += 1;
  else failed += 1;
  process.stdout.write(`${describe(report)}\n`);
} while (Date.now() < endsAt);
process.stdout.write(`All reports: ${reportFile}\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

async function attempt(): Promise<Pick<FaultReport, 'seed' | 'problems'> & Partial<FaultReport>> {
  const seed = Math.floor(Math.random() * 1_000_000);
  try {
    return await runFaultProcess('--seed', String(seed), '--rounds', String(rounds));
  } catch (error) {
    return { seed, problems: [String(error)] };
  }
}

function describe({
  seed,
  kills,
  transitions,
  agreedAfterMilliseconds,
  problems,
}: Awaited<ReturnType<typeof attempt>>) {
  const outcome = problems.length === 0 ? `agreed after ${Math.round(agreedAfterMilliseconds ?? 0)} ms` : problems[0];
  return `seed ${seed}: ${kills?.length ?? 0} kills, ${transitions ?? 0} transitions, ${outcome}`;
}
