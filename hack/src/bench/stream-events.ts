import { randomBytes } from 'node:crypto';
import { hotplugEventFields, type HotplugEvent, redisKeys } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import { newTraceparent } from '@autoweave/platform/telemetry';
import { nodeName } from '../system/product.ts';
import { stagedDevice } from '../system/staged-device.ts';

/**
 * Writes events into the stream as an agent would, so that what comes after the agent can be measured without it. The
 * devices take turns, and each comes and goes.
 */
export class StreamEvents {
  readonly #redis: Redis;
  readonly #devices: number;
  readonly #epoch = randomBytes(6).toString('hex');
  #sequence = 0;

  constructor(redis: Redis, devices: number) {
    this.#redis = redis;
    this.#devices = devices;
  }

  /** @returns their ids, in order, once they are sent; `acknowledged` once Redis has them all. */
  send(count: number): { readonly eventIds: readonly string[]; readonly acknowledged: Promise<unknown> } {
    const pipeline = this.#redis.pipeline();
    const events = Array.from({ length: count }, () => this.#next());
    for (const event of events) pipeline.xadd(redisKeys.hotplugStream, '*', ...hotplugEventFields(event).flat());
    return { eventIds: events.map(({ eventId }) => eventId), acknowledged: pipeline.exec() };
  }

  #next(): HotplugEvent {
    const index = this.#sequence++;
    const port = (index % this.#devices) + 1;
    const { vendorId, productId, descriptor, ...device } = stagedDevice(port, 2 + (port % 120));
    const deviceSignature = port.toString(16).padStart(16, '0');
    return {
      schema: '1',
      eventId: `${nodeName}/${this.#epoch}/${index + 1}`,
      node: nodeName,
      epoch: this.#epoch,
      sequence: index + 1,
      action: Math.floor(index / this.#devices) % 2 === 0 ? 'attach' : 'detach',
      source: 'netlink',
      partial: false,
      deviceName: `${vendorId}-${productId}-${deviceSignature}`,
      deviceSignature,
      identityQuality: 'Serial',
      vendorId,
      productId,
      manufacturer: device.manufacturer,
      product: device.product,
      serialNumber: device.serialNumber,
      busNumber: device.busNumber,
      deviceAddress: device.deviceAddress,
      portPath: device.portPath,
      sysfsName: device.sysfsName,
      interfaceClasses: ['08'],
      deviceDescriptor: descriptor,
      timestamp: Date.now(),
      traceparent: newTraceparent(),
    };
  }
}
