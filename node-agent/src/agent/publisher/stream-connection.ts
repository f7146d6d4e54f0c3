import {
  autoweaveLibrary,
  hotplugAppendCall,
  hotplugMarkCall,
  parseHotplugAppendReply,
  parseHotplugMark,
  type HotplugAppend,
  type HotplugAppendReply,
  type HotplugMark,
} from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { callFunction, checkRedisSettings, loadFunctionLibrary, type Redis } from '@autoweave/platform/redis';

const replicaWaitMilliseconds = 1000;

/** What the publisher asks of Redis, over one connection. */
export class StreamConnection {
  readonly #redis: Redis;
  readonly #library = autoweaveLibrary();
  #hasReplicas = false;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Makes the server ready for us. @returns Why it may lose events; empty when it is safe. */
  async prepare(): Promise<string[]> {
    await loadFunctionLibrary(this.#redis, this.#library);
    await this.#lookForReplicas();
    return checkRedisSettings(this.#redis);
  }

  async mark(node: string): Promise<HotplugMark | undefined> {
    return parseHotplugMark(await callFunction(this.#redis, this.#library, hotplugMarkCall(node)));
  }

  /** In one round trip. Replies come in the order of the events. @throws the error of the first that failed */
  async append(events: readonly HotplugAppend[]): Promise<HotplugAppendReply[]> {
    const pipeline = this.#redis.pipeline();
    for (const event of events) {
      const call = hotplugAppendCall(event);
      pipeline.fcall(call.function, call.keys.length, ...call.keys, ...call.arguments);
    }
    const replies = (await this.#unlessLost(pipeline.exec())) ?? [];
    return replies.map(([error, reply]) => {
      if (error) throw error;
      return parseHotplugAppendReply(reply);
    });
  }

  /**
   * Returns when a replica has what was appended, where there are replicas: a fail-over would lose it otherwise.
   * @throws AutoWeaveError AW_REDIS_UNREACHABLE when no replica confirmed in a second.
   */
  async confirm(): Promise<void> {
    if (!this.#hasReplicas) return;
    if ((await this.#unlessLost(this.#redis.wait(1, replicaWaitMilliseconds))) >= 1) return;
    await this.#lookForReplicas();
    if (this.#hasReplicas) throw new AutoWeaveError('AW_REDIS_UNREACHABLE', 'no replica of Redis confirmed the events');
  }

  /** Does not wait for the next connection: what is lost then has to be looked at first. */
  #unlessLost<T>(request: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const lost = (): void => reject(new AutoWeaveError('AW_REDIS_UNREACHABLE', 'the connection to Redis was lost'));
    this.#redis.once('close', lost);
    void request.then(resolve, reject).finally(() => this.#redis.off('close', lost));
    return promise;
  }

  async #lookForReplicas(): Promise<void> {
    const replication = await this.#redis.info('replication');
    this.#hasReplicas = /^connected_slaves:[1-9]/m.test(replication);
  }
}
