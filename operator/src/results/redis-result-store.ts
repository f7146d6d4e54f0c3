import { parsePluginCounters, redisKeys, resultFields, type JobResult, type PluginKey } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import type { PluginResults, ResultStore } from '../ports.ts';
import { parseJobResult } from './parse-job-result.ts';

export class RedisResultStore implements ResultStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async records(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobResult>> {
    const texts = await Promise.all(jobIds.map((id) => this.#redis.hget(redisKeys.jobRecord(id), resultFields.result)));
    const records = new Map<string, JobResult>();
    for (const text of texts) {
      const result = text === null ? undefined : parseJobResult(text);
      if (result !== undefined) records.set(result.jobId, result);
    }
    return records;
  }

  async pluginResults({ namespace, name }: PluginKey): Promise<PluginResults> {
    const { succeeded, failed, lastJobIds } = parsePluginCounters(
      await this.#redis.hgetall(redisKeys.pluginCounters(namespace, name)),
    );
    const last = await this.records(lastJobIds);
    return { succeeded, failed, last: lastJobIds.flatMap((id) => last.get(id) ?? []) };
  }
}
