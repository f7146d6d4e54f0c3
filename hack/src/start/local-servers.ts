import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { startControlPlane, startRedisServer, type ControlPlane, type RedisServer } from '../testing/index.ts';
import { provideKubernetesTools, provideRedisServer, toolContext } from '../tools/index.ts';
import type { Part } from './supervisor.ts';

/** What AutoWeave stands on, throw-away and on loopback. */
export interface LocalServers {
  readonly kubeconfigPath: string;
  readonly apiServerUrl: string;
  readonly redisUrl: string;
  /** Directory of kubectl. */
  readonly kubectlDirectory: string;
  readonly parts: readonly Part[];
  stop(): Promise<void>;
}

const probeMilliseconds = 2_000;

/**
 * Finds or gets the programs, then starts them. `ownRedisUrl`: a Redis of the user's, which is used as it is.
 *
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE, AW_LOCAL_SERVER_FAILED
 */
export async function startLocalServers(ownRedisUrl: string | undefined): Promise<LocalServers> {
  const context = toolContext();
  // One after the other: both may need the package manager.
  const tools = await provideKubernetesTools(context);
  const redisCommand = ownRedisUrl === undefined ? await provideRedisServer(context) : undefined;
  const [plane, redis] = await both(
    startControlPlane({ tools }),
    redisCommand === undefined ? Promise.resolve(undefined) : startRedisServer({ command: redisCommand }),
  );
  return {
    kubeconfigPath: plane.kubeconfigPath,
    apiServerUrl: plane.url,
    redisUrl: redis?.url ?? ownRedisUrl ?? '',
    kubectlDirectory: dirname(plane.kubectl),
    parts: [apiServerPart(plane), ...(redis === undefined ? [] : [redisPart(redis)])],
    stop: async () => {
      await Promise.all([plane.stop(), redis?.stop()]);
    },
  };
}

function apiServerPart(plane: ControlPlane): Part {
  return {
    name: 'kube-apiserver',
    logFile: join(plane.directory, 'kube-apiserver.log'),
    isAlive: () => accepts(Number(new URL(plane.url).port)),
    restart: () => plane.startApiServer(),
  };
}

function redisPart(redis: RedisServer): Part {
  return {
    name: 'Redis',
    logFile: join(redis.directory, 'redis.log'),
    isAlive: () => accepts(redis.port),
    restart: () => redis.start(),
  };
}

/** A server that stands still accepts, too: only one that is gone refuses. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: probeMilliseconds });
    const settle = (isAlive: boolean) => () => {
      resolve(isAlive);
      socket.destroy();
    };
    socket.once('connect', settle(true)).once('timeout', settle(true)).once('error', settle(false));
  });
}

interface Stoppable {
  stop(): Promise<void>;
}

/** When one does not start, the other is stopped before the error goes on. */
async function both<A extends Stoppable, B extends Stoppable | undefined>(
  first: Promise<A>,
  second: Promise<B>,
): Promise<[A, B]> {
  try {
    return await Promise.all([first, second]);
  } catch (error) {
    for (const outcome of await Promise.allSettled([first, second])) {
      if (outcome.status === 'fulfilled') await outcome.value?.stop();
    }
    throw error;
  }
}
