import { fork } from 'node:child_process';
import { redisKeys } from '@autoweave/crds';
import { fileHere, type Stage } from './stage.ts';
import { startUdevadmPipe } from './udevadm-contender.ts';

export interface Contender {
  readonly name: string;
  /** Where its events arrive. */
  readonly stream: string;
  /** Sees states, not events: what comes and goes between two looks it cannot know. */
  readonly polls: boolean;
}

export const agentContender: Contender = { name: 'AutoWeave agent', stream: redisKeys.hotplugStream, polls: false };
export const floorContender: Contender = { name: 'floor', stream: 'bench:floor', polls: false };
export const pipeContender: Contender = { name: 'udevadm | awk | redis-cli', stream: 'bench:pipe', polls: false };
const unbufferedContender: Contender = { name: '  the same, unbuffered', stream: 'bench:unbuffered', polls: false };
export const slowPollerContender: Contender = { name: 'poller, 10 s', stream: 'bench:poll10', polls: true };
const pollerContender: Contender = { name: 'poller, 5 s', stream: 'bench:poll5', polls: true };

export const contenders: readonly Contender[] = [
  agentContender,
  floorContender,
  pipeContender,
  unbufferedContender,
  pollerContender,
  slowPollerContender,
];

/** Starts everybody but the agent. They all listen at once. */
export async function startContenders({ redis, sysfsRoot }: Stage): Promise<{ stop(): void }> {
  const { password: redisPassword } = new URL(redis.url);
  const pipe = { redisPort: redis.port, redisPassword };
  const stops = [
    await startNode('floor-process.ts', [redis.url, floorContender.stream]),
    await startNode('poller-process.ts', [redis.url, pollerContender.stream, sysfsRoot, '5']),
    await startNode('poller-process.ts', [redis.url, slowPollerContender.stream, sysfsRoot, '10']),
    startUdevadmPipe({ ...pipe, stream: pipeContender.stream, kind: 'plain' }),
    startUdevadmPipe({ ...pipe, stream: unbufferedContender.stream, kind: 'unbuffered' }),
  ];
  return {
    stop: () => {
      for (const each of stops) each.stop();
    },
  };
}

/** Resolves when it listens. */
function startNode(file: string, parameters: readonly string[]): Promise<{ stop(): void }> {
  const child = fork(fileHere(file), parameters);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
    child.once('message', () => resolve({ stop: () => void child.kill('SIGKILL') }));
  });
}
