import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds, type ResidentMemory, residentMemory } from '../../bench/process-figures.ts';
import { freePorts } from '../../processes/free-ports.ts';
import { ServerProcess } from '../../processes/server-process.ts';
import type { MeasuredProcess } from './measured-processes.ts';

export interface ProcessFigures {
  readonly name: string;
  /** From start to ready, the first time. */
  readonly coldSeconds: number;
  /** The median of more. */
  readonly warmSeconds: number;
  /** Processor time of the last start: what a busy machine cannot change. */
  readonly cpuSeconds: number;
  /** Some seconds after it was ready. */
  readonly resident: ResidentMemory;
}

const warmStarts = 5;
/** What it did to get ready is over by then. */
const settleMilliseconds = 5_000;

/** @param servers settings that lead to the API server and to Redis */
export async function measureProcess(
  measured: MeasuredProcess,
  servers: Readonly<Record<string, string>>,
): Promise<ProcessFigures> {
  const { name, nodeFlags, file, environment, directory } = measured;
  const [port = 0] = await freePorts(1);
  const server = new ServerProcess({
    command: process.execPath,
    parameters: [...nodeFlags, file],
    directory,
    logFile: join(directory, 'log'),
    environment: { ...servers, ...environment, AW_PROBE_HOST: '127.0.0.1', AW_PROBE_PORT: String(port) },
    isReady: async (signal) => (await fetch(`http://127.0.0.1:${port}/readyz`, { signal })).ok,
  });
  const start = async (): Promise<number> => {
    const from = performance.now();
    await server.start();
    return (performance.now() - from) / 1000;
  };
  try {
    const coldSeconds = await start();
    const warm: number[] = [];
    while (warm.length < warmStarts) {
      await server.stop();
      warm.push(await start());
    }
    const busy = cpuSeconds(server.processId ?? 0);
    await delay(settleMilliseconds);
    const warmSeconds = warm.toSorted((left, right) => left - right)[Math.floor(warmStarts / 2)] ?? Number.NaN;
    return { name, coldSeconds, warmSeconds, cpuSeconds: busy, resident: residentMemory(server.processId ?? 0) };
  } finally {
    await server.stop();
  }
}
