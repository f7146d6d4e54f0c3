import type { TestProject } from 'vitest/node';
import { startControlPlane } from './control-plane.ts';
import { startRedisServer } from './redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of a member of system:masters of the API server that all integration tests of a run share. */
    kubeconfigPath: string;
    /** With password; of the Redis that all integration tests of a run share. */
    redisUrl: string;
  }
}

/** Starts what the integration tests share; the function it returns ends it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [controlPlane, redis] = await allOrNone([startControlPlane(), startRedisServer()]);
  project.provide('kubeconfigPath', controlPlane.kubeconfigPath);
  project.provide('redisUrl', redis.url);
  return async () => {
    await Promise.all([controlPlane.stop(), redis.stop()]);
  };
}

type Stoppable = { stop(): Promise<void> };

/** When one fails to start, the others are stopped before its error goes on. */
async function allOrNone<A extends Stoppable, B extends Stoppable>(starts: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const results = await Promise.allSettled(starts);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return await Promise.all(starts);
  for (const result of results) if (result.status === 'fulfilled') await result.value.stop();
  throw failed.reason;
}
