import { createHash } from 'node:crypto';
import type { AutoWeavePlugin, HotplugEvent, WaitingJob } from '@autoweave/crds';

export interface EventJobOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly timeToLiveSeconds: number;
  /** Of the span that makes the job. */
  readonly traceparent: string;
}

/** The job that tells a plugin of an event. */
export function eventJob(event: HotplugEvent, plugin: AutoWeavePlugin, options: EventJobOptions): WaitingJob {
  const { name, namespace = '', uid = '' } = plugin.metadata;
  return {
    id: eventJobId(event, uid),
    type: `usb.${event.action}`,
    plugin: { namespace, name },
    pluginUid: uid,
    // A device that was never read whole has no UsbDevice, and its event waits in the room of the plugin.
    ...(event.deviceName === '' ? {} : { deviceName: event.deviceName }),
    node: event.node,
    exclusive: false,
    event,
    createdAt: options.now,
    expiresAt: options.now + options.timeToLiveSeconds * 1000,
    traceparent: options.traceparent,
  };
}

/**
 * The same for an event however often and in whichever way the plugin comes to it, so that it runs once: BullMQ does not
 * add an id twice, and the router knows the ids that have a result.
 */
export function eventJobId(event: HotplugEvent, pluginUid: string): string {
  const hash = createHash('sha256').update(`${pluginUid}\n${event.eventId}`).digest('hex');
  return `${event.action}-${hash.slice(0, 32)}`;
}
