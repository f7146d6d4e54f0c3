import { SpanKind, SpanStatusCode, TraceFlags, type HrTime, type SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Span } from '../span-recorder.ts';
import { parseTraceparent, type TraceContext } from '../traceparent.ts';
import { autoweaveVersion } from '../version.ts';

const kinds = {
  Internal: SpanKind.INTERNAL,
  Client: SpanKind.CLIENT,
  Producer: SpanKind.PRODUCER,
  Consumer: SpanKind.CONSUMER,
} as const satisfies Record<Span['kind'], SpanKind>;

export const instrumentationScope = { name: 'autoweave', version: autoweaveVersion };

/** A span as the exporters of OpenTelemetry read it. */
export function readableSpan(span: Span, context: TraceContext, resource: Resource): ReadableSpan {
  const { name, kind, startedAt, endedAt, attributes = {}, error } = span;
  const parent = span.parent === undefined ? undefined : parseTraceparent(span.parent);
  const own = spanContext(context, false);
  // Clocks are set now and then; a span that ends before it begins is refused by some collectors.
  const duration = Math.max(0, endedAt - startedAt);
  return {
    name,
    kind: kinds[kind],
    spanContext: () => own,
    ...(parent === undefined ? {} : { parentSpanContext: spanContext(parent, true) }),
    startTime: highResolutionTime(startedAt),
    endTime: highResolutionTime(startedAt + duration),
    duration: highResolutionTime(duration),
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
export function highResolutionTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}

function spanContext({ traceId, spanId, isSampled }: TraceContext, isRemote: boolean): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote };
}
