import { parseArgs } from 'node:util';
import { bringLoopbackUp, enterNetworkNamespace, isInsideNetworkNamespace } from '../system/network-namespace.ts';
import { provideKubernetesTools, provideRedisServer } from '../tools/index.ts';
import { type Victim, victims as everyVictim } from './kill-plan.ts';
import { runFaults } from './run-faults.ts';

const toolsVariable = 'AW_FAULT_TOOLS';

const { values } = parseArgs({
  options: {
    inside: { type: 'boolean' },
    victims: { type: 'string', default: everyVictim.join(',') },
    rounds: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

/** Outside the network namespace, where what is missing can still be downloaded. */
async function outside(): Promise<number> {
  const tools = { kubernetes: await provideKubernetesTools(), redisServer: await provideRedisServer() };
  return enterNetworkNamespace(import.meta.filename, { [toolsVariable]: JSON.stringify(tools) });
}

async function inside(): Promise<number> {
  await bringLoopbackUp();
  const report = await runFaults({
    tools: JSON.parse(process.env[toolsVariable] ?? '{}'),
    victims: values.victims.split(',') as Victim[],
    rounds: Number(values.rounds),
    seed: Number(values.seed),
  });
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  return report.problems.length === 0 ? 0 : 1;
}

process.exit(isInsideNetworkNamespace(process.argv) ? await inside() : await outside());
