/** Kinds of OpenTelemetry; `Producer` and `Consumer` are the two ends of a queue. */
export type SpanKind = 'Internal' | 'Client' | 'Producer' | 'Consumer';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that has ended. */
export interface Span {
  /** Few different ones: what varies belongs into the attributes. */
  readonly name: string;
  readonly kind: SpanKind;
  /** Of the span itself; what it hands on as the parent of others. */
  readonly traceparent: string;
  /** Of the span that caused it; absent at the start of a trace. */
  readonly parent?: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  /** Names of the semantic conventions where there is one, else `autoweave.…`. */
  readonly attributes?: SpanAttributes;
  /** What failed; absent when nothing did. */
  readonly error?: string;
}

/** Takes spans at once and never throws: to be traced must cost the work nothing. */
export interface SpanRecorder {
  /** @param tell Called only when somebody records. */
  record(tell: () => readonly Span[]): void;
}

/** Where nobody asked for traces. */
export const noSpans: SpanRecorder = { record: () => undefined };

/** Attributes of a message in Redis, after the semantic conventions for messaging. */
export function messagingAttributes({
  destination,
  id,
  operation,
}: {
  /** Stream or queue, without what varies from message to message. */
  readonly destination: string;
  readonly id?: string;
  readonly operation: 'create' | 'send' | 'process';
}): SpanAttributes {
  return {
    'messaging.system': 'redis',
    'messaging.destination.name': destination,
    'messaging.operation.type': operation,
    'messaging.operation.name': operation,
    ...(id === undefined ? {} : { 'messaging.message.id': id }),
  };
}
