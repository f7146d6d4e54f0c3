import { redisKeys, type HotplugEvent } from '@autoweave/crds';
import { childTraceparent, messagingAttributes, type Span } from '@autoweave/platform/telemetry';

export interface Publication {
  /** When the round trip began that brought the event into the stream; milliseconds since 1970. */
  readonly sentAt: number;
  /** When Redis had confirmed it. */
  readonly confirmedAt: number;
  /** Events of that round trip. */
  readonly batchSize: number;
}

/** The start of a trace: a device came or went, and Redis knows. */
export function publishSpans(event: HotplugEvent, { sentAt, confirmedAt, batchSize }: Publication): readonly Span[] {
  const { action, deviceName, eventId: id, source, traceparent } = event;
  const destination = redisKeys.hotplugStream;
  return [
    {
      name: `usb ${action}`,
      kind: 'Producer',
      traceparent,
      startedAt: event.timestamp,
      endedAt: confirmedAt,
      attributes: {
        ...messagingAttributes({ destination, id, operation: 'create' }),
        'autoweave.device.name': deviceName,
        'autoweave.event.source': source,
      },
    },
    {
      name: `send ${destination}`,
      kind: 'Client',
      traceparent: childTraceparent(traceparent),
      parent: traceparent,
      startedAt: sentAt,
      endedAt: confirmedAt,
      attributes: {
        ...messagingAttributes({ destination, id, operation: 'send' }),
        'messaging.batch.message_count': batchSize,
      },
    },
  ];
}
