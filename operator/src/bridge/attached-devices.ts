import { redisKeys, type HotplugEvent } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';

/** Which devices are present as far as the stream was read, and which plugin was told of which. Kept in Redis. */
export class AttachedDevices {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async attached(event: HotplugEvent, told: readonly string[]): Promise<void> {
    const field = fieldOf(event);
    await Promise.all([
      this.#redis.hset(redisKeys.attachedDevices, field, JSON.stringify(event)),
      ...told.map((uid) => this.#redis.hset(redisKeys.toldDevices(uid), field, event.eventId)),
    ]);
  }

  /** @param plugins uids of all that may have been told of the device */
  async detached(event: HotplugEvent, plugins: readonly string[]): Promise<void> {
    const field = fieldOf(event);
    await Promise.all([
      this.#redis.hdel(redisKeys.attachedDevices, field),
      ...plugins.map((uid) => this.#redis.hdel(redisKeys.toldDevices(uid), field)),
    ]);
  }

  /** Attach events of the present devices that the plugin was not told of. */
  async untold(pluginUid: string): Promise<readonly HotplugEvent[]> {
    const [attached, told] = await Promise.all([
      this.#redis.hgetall(redisKeys.attachedDevices),
      this.#redis.hgetall(redisKeys.toldDevices(pluginUid)),
    ]);
    // We wrote them ourselves, from events that were checked.
    const events = Object.values(attached).map((json): HotplugEvent => JSON.parse(json));
    return events.filter((event) => told[fieldOf(event)] !== event.eventId);
  }

  async tell(pluginUid: string, events: readonly HotplugEvent[]): Promise<void> {
    if (events.length === 0) return;
    const fields = Object.fromEntries(events.map((event) => [fieldOf(event), event.eventId]));
    await this.#redis.hset(redisKeys.toldDevices(pluginUid), fields);
  }
}

function fieldOf({ node, deviceName }: HotplugEvent): string {
  return `${node}/${deviceName}`;
}
