import { randomBytes } from 'node:crypto';
import {
  autoweaveLibrary,
  type HotplugEvent,
  hotplugAppendCall,
  hotplugEventFields,
  parseHotplugAppendReply,
} from '@autoweave/crds';
import { callFunction, type Redis } from '@autoweave/platform/redis';
import { newTraceparent } from '@autoweave/platform/telemetry';

/** Devices that come and go as an agent would tell it, through the Redis function. */
export class StreamWorld {
  readonly #redis: Redis;
  readonly #node: string;
  readonly #epoch = randomBytes(6).toString('hex');
  readonly #plugged: string[] = [];
  readonly #seen: string[] = [];
  #sequence = 0;

  constructor(redis: Redis, node: string) {
    this.#redis = redis;
    this.#node = node;
  }

  /** Names of all devices that ever came. */
  get seen(): readonly string[] {
    return this.#seen;
  }

  /** @returns the name of the new device. */
  async plug(): Promise<string> {
    const name = `0951-1666-${randomBytes(8).toString('hex')}`;
    await this.#append('attach', name);
    this.#plugged.push(name);
    this.#seen.push(name);
    return name;
  }

  async plugMany(count: number): Promise<readonly string[]> {
    const names: string[] = [];
    while (names.length < count) names.push(await this.plug());
    return names;
  }

  async unplugAll(): Promise<void> {
    for (const name of this.#plugged.splice(0)) await this.#append('detach', name);
  }

  /** What the agent of another node would write as its first event. */
  exampleEvent(node: string): HotplugEvent {
    const event = this.#event('attach', '0951-1666-0123456789abcdef');
    return { ...event, node, sequence: 1, eventId: `${node}/${event.epoch}/1` };
  }

  async #append(action: HotplugEvent['action'], deviceName: string): Promise<void> {
    this.#sequence += 1;
    const event = this.#event(action, deviceName);
    const { node, epoch, sequence } = event;
    const fields = Object.fromEntries(hotplugEventFields(event));
    const call = hotplugAppendCall({ node, epoch, sequence, maximumLength: 0, allowJump: false, fields });
    const reply = parseHotplugAppendReply(await callFunction(this.#redis, autoweaveLibrary(), call));
    if (reply.outcome !== 'appended') throw new Error(`The stream took event ${sequence} as a ${reply.outcome}`);
  }

  #event(action: HotplugEvent['action'], deviceName: string): HotplugEvent {
    const signature = deviceName.slice(-16);
    return {
      schema: '1',
      eventId: `${this.#node}/${this.#epoch}/${this.#sequence}`,
      node: this.#node,
      epoch: this.#epoch,
      sequence: this.#sequence,
      action,
      source: 'simulated',
      partial: false,
      deviceName,
      deviceSignature: signature,
      identityQuality: 'Serial',
      vendorId: '0951',
      productId: '1666',
      manufacturer: 'Kingston',
      product: 'DataTraveler 3.0',
      serialNumber: signature,
      busNumber: 1,
      deviceAddress: (this.#sequence % 127) + 1,
      portPath: '1',
      sysfsName: '1-1',
      interfaceClasses: ['08'],
      timestamp: Date.now(),
      traceparent: newTraceparent(),
    };
  }
}
