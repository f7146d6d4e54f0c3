import { redisKeys, type HotplugEvent } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';

/** An event, and the uids of the plugins that are told of it. */
export interface Transition {
  readonly event: HotplugEvent;
  readonly told: readonly string[];
}

/** Which devices are present as far as the stream was read, and which plugin was told of which. Kept in Redis. */
export class AttachedDevices {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * Of several transitions of one device the last one counts.
   *
   * @param plugins uids of all that may have been told of a device
   */
  async follow(transitions: readonly Transition[], plugins: readonly string[]): Promise<void> {
    // Without a name it was gone before it could be read, and nobody can be told of it later.
    const named = transitions.filter(({ event }) => event.deviceName !== '');
    const last = [...new Map(named.map((transition) => [fieldOf(transition.event), transition])).values()];
    const attached = last.filter(({ event }) => event.action === 'attach');
    const detached = last.filter(({ event }) => event.action === 'detach').map(({ event }) => fieldOf(event));
    const present = attached.map(({ event }) => [fieldOf(event), JSON.stringify(event)] as const);
    await Promise.all([
      this.#set(redisKeys.attachedDevices, present),
      this.#delete(redisKeys.attachedDevices, detached),
      ...plugins.flatMap((uid) => {
        const key = redisKeys.toldDevices(uid);
        const told = attached.filter((transition) => transition.told.includes(uid)).map(({ event }) => event);
        return [this.#set(key, told.map(toldField)), this.#delete(key, detached)];
      }),
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
    await this.#set(redisKeys.toldDevices(pluginUid), events.map(toldField));
  }

  async #set(key: string, fields: readonly (readonly [name: string, value: string])[]): Promise<void> {
    if (fields.length > 0) await this.#redis.hset(key, Object.fromEntries(fields));
  }

  async #delete(key: string, fields: readonly string[]): Promise<void> {
    if (fields.length > 0) await this.#redis.hdel(key, ...fields);
  }
}

function toldField(event: HotplugEvent): readonly [name: string, value: string] {
  return [fieldOf(event), event.eventId];
}

function fieldOf({ node, deviceName }: HotplugEvent): string {
  return `${node}/${deviceName}`;
}
