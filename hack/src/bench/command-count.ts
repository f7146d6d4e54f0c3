import type { Redis } from '@autoweave/platform/redis';

/** What Redis was asked, of one kind. */
export interface CommandFigures {
  readonly calls: number;
  /** Of Redis, in milliseconds. A script's commands are counted in it, and by themselves too. */
  readonly milliseconds: number;
}

/** By command, in lower case. */
export type CommandCount = ReadonlyMap<string, CommandFigures>;

/** Everything since the server started, of all its clients, and of its scripts. */
export async function countCommands(redis: Redis): Promise<CommandCount> {
  const text = await redis.info('commandstats');
  const lines = text.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm);
  return new Map(
    [...lines].map(([, name = '', calls, microseconds]) => {
      return [name, { calls: Number(calls), milliseconds: Number(microseconds) / 1000 }];
    }),
  );
}

export function commandsBetween(before: CommandCount, after: CommandCount): CommandCount {
  return new Map(
    [...after].map(([name, { calls, milliseconds }]) => {
      const earlier = before.get(name) ?? { calls: 0, milliseconds: 0 };
      return [name, { calls: calls - earlier.calls, milliseconds: milliseconds - earlier.milliseconds }];
    }),
  );
}

/** Processor time of the server so far, in seconds. */
export async function redisCpuSeconds(redis: Redis): Promise<number> {
  const text = await redis.info('cpu');
  const seconds = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1]);
  return seconds('used_cpu_user') + seconds('used_cpu_sys');
}
