import {
  autoweaveLibrary,
  parseResultRecordReply,
  parseResultsKnown,
  redisKeys,
  resultRecordCall,
  resultsKnownCall,
  type FunctionLibrary,
  type JobResult,
} from '@autoweave/crds';
import { callFunction, type Redis } from '@autoweave/platform/redis';
import type { JobRecords } from '../router/ports.ts';

export class RedisJobRecords implements JobRecords {
  readonly #redis: Redis;
  readonly #library: FunctionLibrary = autoweaveLibrary();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async has(id: string): Promise<boolean> {
    return (await this.#redis.exists(redisKeys.jobRecord(id))) === 1;
  }

  async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const known = parseResultsKnown(await callFunction(this.#redis, this.#library, resultsKnownCall(ids)));
    return new Set(ids.filter((_, index) => known[index]));
  }

  async record(result: JobResult): Promise<boolean> {
    const reply = await callFunction(this.#redis, this.#library, resultRecordCall(result));
    return parseResultRecordReply(reply) === 'recorded';
  }
}
