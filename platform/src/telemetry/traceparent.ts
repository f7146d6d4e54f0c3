import { randomBytes } from 'node:crypto';

const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * W3C trace context, level 1: version, trace id, span id, flags. Starts a trace.
 *
 * @param sampledShare How many of all traces are to be recorded, from 0 to 1; the flag tells everyone downstream.
 */
export function newTraceparent(sampledShare = 1): string {
  const flags = Math.random() < sampledShare ? '01' : '00';
  return `00-${randomId(16)}-${randomId(8)}-${flags}`;
}

/** A span below `parent`, in the same trace. What is no traceparent starts a new trace, as the standard asks. */
export function childTraceparent(parent: string): string {
  if (!isTraceparent(parent)) return newTraceparent();
  const [, traceId = '', , flags = '01'] = parent.split('-');
  return `00-${traceId}-${randomId(8)}-${flags}`;
}

export function isTraceparent(text: string): boolean {
  return pattern.test(text);
}

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the trace is to be recorded. */
  readonly isSampled: boolean;
}

/** Undefined for what is no traceparent. */
export function parseTraceparent(text: string): TraceContext | undefined {
  if (!isTraceparent(text)) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = text.split('-');
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function randomId(bytes: number): string {
  const id = randomBytes(bytes).toString('hex');
  return /^0+$/.test(id) ? randomId(bytes) : id;
}
