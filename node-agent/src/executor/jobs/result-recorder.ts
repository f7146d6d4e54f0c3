import {
  autoweaveLibrary,
  type FunctionLibrary,
  type JobResult,
  parseResultRecordReply,
  redisKeys,
  resultFields,
  resultRecordCall,
} from '@autoweave/crds';
import { callFunction, type Redis } from '@autoweave/platform/redis';

/** Records of jobs: one a job, whoever ran it and how often. */
export class ResultRecorder {
  readonly #redis: Redis;
  readonly #library: FunctionLibrary = autoweaveLibrary();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Undefined when the job has no result yet, or none any more. */
  async find(jobId: string): Promise<JobResult | undefined> {
    const json = await this.#redis.hget(redisKeys.jobRecord(jobId), resultFields.result);
    return json === null ? undefined : (JSON.parse(json) as JobResult);
  }

  /** @returns the result that stands: another one when the job had one already. */
  async record(result: JobResult): Promise<JobResult> {
    const reply = await callFunction(this.#redis, this.#library, resultRecordCall(result));
    if (parseResultRecordReply(reply) === 'recorded') return result;
    return (await this.find(result.jobId)) ?? result;
  }
}
