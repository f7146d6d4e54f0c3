import { firstThatWorks } from './attempts.ts';
import { type ToolContext, toolContext } from './context.ts';
import { askVersion, findExecutables } from './executables.ts';
import type { FoundTool } from './plan-product.ts';
import { planRedis } from './plan-redis.ts';
import { quietService } from './quiet-service.ts';
import { findPackageManager, installFirst } from './system-packages.ts';

/**
 * Path of a redis-server or valkey-server that is new enough; installs the system's package when there is none.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE which says what was tried.
 */
export async function provideRedisServer(context: ToolContext = toolContext()): Promise<string> {
  const plan = planRedis(await findServers(context));
  if (plan.kind === 'use') return plan.path;
  const install = { name: "the system's packages", run: () => installRedis(context) };
  return firstThatWorks('redis-server or valkey-server (Redis 7 or newer)', [install], plan.rejected);
}

async function installRedis(context: ToolContext): Promise<string> {
  const manager = await findPackageManager(context);
  const names = await installFirst(context, manager, manager.redis);
  for (const name of names) await quietService(context, name);
  const plan = planRedis(await findServers(context));
  if (plan.kind === 'use') return plan.path;
  throw new Error(
    plan.rejected.join(', ') || `${manager.command} installed ${names.join(', ')}, but no server is on PATH`,
  );
}

async function findServers({ searchPath }: ToolContext): Promise<FoundTool[]> {
  const names = ['redis-server', 'valkey-server'];
  const paths = (await Promise.all(names.map((name) => findExecutables(name, searchPath)))).flat();
  return Promise.all(paths.map((path) => askVersion(path, ['--version'])));
}
