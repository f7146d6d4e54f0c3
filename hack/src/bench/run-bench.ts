import { setTimeout as delay } from 'node:timers/promises';
import { redisKeys } from '@autoweave/crds';
import { runCommand } from '../processes/run-command.ts';
import type { KubernetesTools } from '../tools/index.ts';
import { runSwiftPlugin } from '../system/swift-plugin.ts';
import { type ChainFigures, resultPhase, visiblePhase } from './chain-phases.ts';
import { round } from './round.ts';
import { ForeignLoad } from './foreign-load.ts';
import { type HotplugFigures, hotplugPhase } from './hotplug-phase.ts';
import { type LeakFigures, leakPhase } from './leak-phase.ts';
import { describeMachine, type Machine } from './machine.ts';
import { type RoutedFigures, routedPhase } from './routed-phase.ts';
import { childProcesses, type ResidentMemory, residentMemory } from './process-figures.ts';
import { makeAgent, makeExecutor, makeOperator, type ProductProcess } from '../system/product.ts';
import { setStage, type Stage } from './stage.ts';

export interface BenchResult {
  readonly machine: Machine;
  readonly hotplug: HotplugFigures;
  readonly visible: ChainFigures;
  readonly results: readonly ChainFigures[];
  /** By load. */
  readonly routed: readonly RoutedFigures[];
  /** By process; idle, with 50 devices plugged in. */
  readonly memory: Readonly<Record<string, ResidentMemory>>;
  /** The same after everything. */
  readonly memoryAfter: Readonly<Record<string, ResidentMemory>>;
  readonly leaks: readonly LeakFigures[];
  /** Processors that others used during the phase. */
  readonly foreignLoad: Readonly<Record<Phase, number>>;
}

type Phase = 'stream' | 'agent heap' | 'UsbDevice' | 'results' | 'routed' | 'heap';

export interface BenchTools {
  readonly kubernetes: KubernetesTools;
  readonly redisServer: string;
}

/** A cluster, or a lab, would not allow so many writes; here nothing but the way itself is to be seen. */
const unthrottled = ['--write-burst', '10000', '--writes-per-second', '10000', '--write-spacing-milliseconds', '0'];
const idleMilliseconds = 3_000;

/** About five minutes. `say` is told what happens. */
export async function runBench(tools: BenchTools, say: (text: string) => void): Promise<BenchResult> {
  const machine = await machineWith(tools);
  say('Starting Redis, etcd and kube-apiserver');
  const stage = await setStage(tools);
  const started: ProductProcess[] = [];
  const run = async (process: ProductProcess): Promise<ProductProcess> => {
    started.push(process);
    await process.start();
    return process;
  };
  try {
    const { agentMemory, ...alone } = await agentPhases(stage, run, say);
    const chain = await chainPhases(stage, run, say);
    return {
      machine,
      ...alone,
      ...chain,
      memory: { agent: agentMemory, ...chain.memory },
      leaks: [...alone.leaks, ...chain.leaks],
      foreignLoad: { ...alone.foreignLoad, ...chain.foreignLoad },
    };
  } finally {
    await Promise.all(started.map((process) => process.stop()));
    await stage.stop();
  }
}

type Run = (process: ProductProcess) => Promise<ProductProcess>;
type Say = (text: string) => void;

/** The agent alone, with what it always does: journal, stream, UsbDevices. */
async function agentPhases(stage: Stage, run: Run, say: Say) {
  const { sysfsRoot } = stage;
  // The first start fills the compile cache, which an image does not need.
  const first = await run(await makeAgent({ ...stage.place('agent-0'), sysfsRoot }));
  await first.stop();

  say('Uevent → stream consumer, all contenders at once');
  const agent = await run(await makeAgent({ ...stage.place('agent-1'), sysfsRoot }));
  await delay(idleMilliseconds);
  const agentMemory = residentMemory(agent.processId);
  const [hotplug, besideStream] = await withForeignLoad(hotplugPhase(stage, agent));
  for (const { name, p50, p95, received, sent } of hotplug.contenders) {
    say(`  ${name.trim()}: p50 ${round(p50.median)} ms, p95 ${round(p95.median)} ms, ${received} of ${sent}`);
  }

  say('Live heap of the agent over 20,000 attaches and detaches, after 20,000 others');
  const fast = { eventsPerSecond: 1000, warmUpCycles: 20_000, cyclesPerSample: 1000 };
  const plan = { stream: redisKeys.hotplugStream, ...fast };
  const [leaks, besideHeap] = await withForeignLoad(leakPhase(stage, { agent }, plan));
  await agent.stop();

  say('Uevent → UsbDevice at a watcher');
  const writer = await run(await makeAgent({ ...stage.place('agent-2'), sysfsRoot, parameters: unthrottled }));
  await stage.observe([], stage.controlPlane.kubeconfigPath);
  await delay(idleMilliseconds);
  const [visible, besideDevices] = await withForeignLoad(visiblePhase(stage, 20));
  say(`  ${summary(visible)}`);
  await writer.stop();
  const foreignLoad = { stream: besideStream, 'agent heap': besideHeap, UsbDevice: besideDevices };
  return { hotplug, visible, agentMemory, leaks, foreignLoad };
}

export interface RoutedResult {
  readonly machine: Machine;
  readonly routed: readonly RoutedFigures[];
  readonly foreignLoad: number;
}

/** The routed path alone, in about two minutes. */
export async function runRoutedBench(tools: BenchTools, say: (text: string) => void): Promise<RoutedResult> {
  const machine = await machineWith(tools);
  const stage = await setStage(tools);
  const started: ProductProcess[] = [];
  try {
    const executor = await makeExecutor({ ...stage.place('executor'), agentPort: 1 });
    const operator = await makeOperator(stage.place('operator'));
    started.push(executor, operator);
    await Promise.all(started.map((process) => process.start()));
    await runSwiftPlugin(stage.client);
    await stage.observe([redisKeys.resultStream]);
    const [routed, foreignLoad] = await routedPhases(stage, { executor, operator }, say);
    return { machine, routed, foreignLoad };
  } finally {
    await Promise.all(started.map((process) => process.stop()));
    await stage.stop();
  }
}

function routedPhases(
  stage: Stage,
  { executor, operator }: { readonly executor: ProductProcess; readonly operator: ProductProcess },
  say: Say,
): Promise<[RoutedFigures[], number]> {
  say('Event stream → plugin result, and two bare hops of BullMQ');
  const [runner = 0] = childProcesses(executor.processId);
  const processes = { operator: operator.processId, executor: executor.processId, runner };
  return withForeignLoad(routedPhase(stage, processes, say));
}

async function machineWith({ redisServer }: BenchTools): Promise<Machine> {
  return describeMachine(/v=(\S+)/.exec(await runCommand(redisServer, ['--version']))?.[1] ?? 'unknown');
}

/** Everything. */
async function chainPhases(stage: Stage, run: Run, say: Say) {
  say('Starting agent, executor and operator');
  const { sysfsRoot } = stage;
  await stage.forgetEvents();
  const agent = await run(await makeAgent({ ...stage.place('agent-3'), sysfsRoot }));
  const executor = await run(await makeExecutor({ ...stage.place('executor'), agentPort: agent.port }));
  const operator = await run(await makeOperator(stage.place('operator')));
  await runSwiftPlugin(stage.client);
  await stage.observe([redisKeys.resultStream]);
  await delay(idleMilliseconds);
  const memoryNow = () => {
    const [runner] = childProcesses(executor.processId);
    return {
      executor: residentMemory(executor.processId),
      ...(runner === undefined ? {} : { runner: residentMemory(runner) }),
      operator: residentMemory(operator.processId),
    };
  };
  const memory = memoryNow();

  say('Uevent → plugin result');
  const [results, besideResults] = await withForeignLoad(resultPhases(stage, say));

  const [routed, besideRouted] = await routedPhases(stage, { executor, operator }, say);

  say('Live heap of executor and operator over 10,000 attaches and detaches');
  const load = { eventsPerSecond: 400, warmUpCycles: 0, cyclesPerSample: 500 };
  const plan = { stream: redisKeys.resultStream, ...load };
  const [leaks, besideHeap] = await withForeignLoad(leakPhase(stage, { executor, operator }, plan));
  const memoryAfter = { agent: residentMemory(agent.processId), ...memoryNow() };
  const foreignLoad = { results: besideResults, routed: besideRouted, heap: besideHeap };
  return { results, routed, memory, memoryAfter, leaks, foreignLoad };
}

async function resultPhases(stage: Stage, say: Say): Promise<ChainFigures[]> {
  const results: ChainFigures[] = [];
  for (const load of [
    { eventsPerSecond: 200, seconds: 20 },
    { eventsPerSecond: 1000, seconds: 5 },
  ]) {
    const figures = await resultPhase(stage, load);
    say(`  ${summary(figures)}`);
    results.push(figures);
  }
  return results;
}

/** The phase, which has just begun, and what others used meanwhile. */
async function withForeignLoad<Figures>(phase: Promise<Figures>): Promise<[Figures, number]> {
  const load = new ForeignLoad();
  const figures = await phase;
  return [figures, load.stop()];
}

function summary({ eventsPerSecond, p50, p95, received, sent }: ChainFigures): string {
  return `${eventsPerSecond}/s: p50 ${round(p50)} ms, p95 ${round(p95)} ms, ${received} of ${sent}`;
}
