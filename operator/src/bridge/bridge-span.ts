import { redisKeys, type HotplugEvent } from '@autoweave/crds';
import { messagingAttributes, type Span } from '@autoweave/platform/telemetry';

/** `process`: the entry of the stream. `announce`: a plugin came later, and hears of a device that is there. */
export type BridgeOperation = 'process' | 'announce';

export interface BridgeWork {
  readonly operation: BridgeOperation;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  /** How many jobs the event became. */
  readonly jobs: number;
}

/** @param traceparent Of the span, and so the parent of what becomes of its jobs. */
export function bridgeSpan(event: HotplugEvent, traceparent: string, work: BridgeWork): Span {
  const { operation, startedAt, endedAt, jobs } = work;
  const destination = redisKeys.hotplugStream;
  return {
    name: `${operation} ${destination}`,
    kind: operation === 'process' ? 'Consumer' : 'Producer',
    traceparent,
    parent: event.traceparent,
    startedAt,
    endedAt,
    attributes: {
      ...messagingAttributes({
        destination,
        id: event.eventId,
        operation: operation === 'process' ? 'process' : 'create',
      }),
      'autoweave.device.name': event.deviceName,
      'autoweave.node': event.node,
      'autoweave.jobs': jobs,
    },
  };
}
