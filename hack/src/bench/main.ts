import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { provideKubernetesTools, provideRedisServer } from '../tools/index.ts';
import { bringLoopbackUp, enterNetworkNamespace, isInsideNetworkNamespace } from '../system/network-namespace.ts';
import { report, routedReport } from './report.ts';
import { type BenchTools, runBench, runRoutedBench } from './run-bench.ts';

const resultDirectory = join(import.meta.dirname, '../../../.cache/bench');
const toolsVariable = 'AW_BENCH_TOOLS';

/** Outside the network namespace, where what is missing can still be downloaded. */
async function outside(): Promise<number> {
  const tools: BenchTools = { kubernetes: await provideKubernetesTools(), redisServer: await provideRedisServer() };
  return enterNetworkNamespace(import.meta.filename, { [toolsVariable]: JSON.stringify(tools) });
}

async function inside(): Promise<number> {
  await bringLoopbackUp();
  const tools = JSON.parse(process.env[toolsVariable] ?? '{}') as BenchTools;
  const startedAt = performance.now();
  const say = (text: string) => {
    const seconds = String(Math.round((performance.now() - startedAt) / 1000)).padStart(4);
    process.stdout.write(`${seconds} s  ${text}\n`);
  };
  const [result, text] = isRoutedAlone ? await routedAlone(tools, say) : await everything(tools, say);
  await mkdir(resultDirectory, { recursive: true });
  const file = join(resultDirectory, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
  process.stdout.write(`\n${text}\nAll figures: ${file}\n`);
  return 0;
}

async function everything(tools: BenchTools, say: (text: string) => void): Promise<[result: object, text: string]> {
  const result = await runBench(tools, say);
  return [result, report(result)];
}

async function routedAlone(tools: BenchTools, say: (text: string) => void): Promise<[result: object, text: string]> {
  const result = await runRoutedBench(tools, say);
  return [result, routedReport(result.routed)];
}

const { values } = parseArgs({ options: { inside: { type: 'boolean' }, routed: { type: 'boolean' } } });
const isRoutedAlone = values.routed === true;
process.exit(isInsideNetworkNamespace(process.argv) ? await inside() : await outside());
