import { fieldManagers, resources, type UsbDevice, type UsbNode } from '@autoweave/crds';
import { type EventRecorder, type KubeClient, semanticEqual } from '@autoweave/platform/kube';
import type { Counter, Logger } from '@autoweave/platform/telemetry';
import type { TokenBucket } from '../../token-bucket.ts';
import type { DeviceUpdate } from './plan.ts';
import type { PlannedEvent } from './plan-events.ts';
import { isStaleEntry } from './stale-entry.ts';

/** Carries out plans. Everything may be repeated without harm. Methods throw KubeError and KubeConnectionError. */
export class DeviceEffects {
  readonly #parts: DeviceEffectsParts;

  constructor(parts: DeviceEffectsParts) {
    this.#parts = parts;
  }

  /** Only the object that was judged: one that has changed since is judged again, as the server refuses with a conflict. */
  async delete(device: UsbDevice, reason: string, signal: AbortSignal): Promise<void> {
    const { name, uid, resourceVersion } = device.metadata;
    if (uid === undefined || resourceVersion === undefined)
      throw new TypeError(`UsbDevice ${name} is not from the server`);
    const target = { name, preconditions: { uid, resourceVersion } };
    const wasThere = await this.#parts.client.delete(resources.usbDevice, target, signal);
    if (wasThere) this.#parts.logger.info({ device: name, reason }, 'Deleted UsbDevice');
  }

  /** Events first: if one fails, the status does not yet say that they were written. */
  async update(device: UsbDevice, update: DeviceUpdate, signal: AbortSignal): Promise<void> {
    for (const event of update.events) await this.#record(device, event, signal);
    await this.#writeStatus(device, update, signal);
    for (const nodeName of update.forgottenNodes) await this.#forgetNode(device.metadata.name, nodeName, signal);
  }

  async #record(device: UsbDevice, { isMinor, ...event }: PlannedEvent, signal: AbortSignal): Promise<void> {
    const { budget, events, suppressed } = this.#parts;
    if (isMinor && budget.isEmpty) {
      suppressed.increment();
      return;
    }
    budget.take();
    await events.record({ ...event, object: device }, signal);
  }

  async #writeStatus(device: UsbDevice, update: DeviceUpdate, signal: AbortSignal): Promise<void> {
    const { conditions, reportedEventIds } = update;
    const status = { conditions, reportedEventIds };
    const { conditions: known = [], reportedEventIds: knownEventIds = [] } = device.status ?? {};
    if (semanticEqual(status, { conditions: known, reportedEventIds: knownEventIds })) return;
    const { name, resourceVersion } = device.metadata;
    await this.#parts.client.apply<UsbDevice>(
      resources.usbDevice,
      // The version: conditions that an agent has overtaken are not written.
      { metadata: { name, resourceVersion }, status },
      { fieldManager: fieldManagers.operator, subresource: 'status', force: true },
      signal,
    );
  }

  /**
   * Takes the entry away from the agent that can no longer do it: under its field manager, with all else that this may
   * own. Server and resource version guard against an agent that lives after all.
   */
  async #forgetNode(name: string, nodeName: string, signal: AbortSignal): Promise<void> {
    const { client, logger } = this.#parts;
    const device = await client.get<UsbDevice>(resources.usbDevice, { name }, signal);
    const entry = device?.status?.attachments?.find((attachment) => attachment.nodeName === nodeName);
    if (device === undefined || entry === undefined) return;
    const node = await client.get<UsbNode>(resources.usbNode, { name: nodeName }, signal);
    if (entry.present && node !== undefined && !isStaleEntry(entry, node)) return;
    const { identity, descriptor } = device.status ?? {};
    await client.apply<UsbDevice>(
      resources.usbDevice,
      { metadata: { name, resourceVersion: device.metadata.resourceVersion }, status: { identity, descriptor } },
      { fieldManager: fieldManagers.nodeAgent(nodeName), subresource: 'status', force: true },
      signal,
    );
    logger.info({ device: name, node: nodeName }, 'Removed the entry of a node');
  }
}

export interface DeviceEffectsParts {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  /** Of Events that are about devices which nobody expects. */
  readonly budget: TokenBucket;
  readonly suppressed: Counter;
  readonly logger: Logger;
}
