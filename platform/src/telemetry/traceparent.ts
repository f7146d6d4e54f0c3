import { randomBytes } from 'node:crypto';

const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** W3C trace context, level 1: version, trace id, span id, flags (sampled). Starts a trace. */
export function newTraceparent(): string {
  return `00-${randomId(16)}-${randomId(8)}-01`;
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

function randomId(bytes: number): string {
  const id = randomBytes(bytes).toString('hex');
  return /^0+$/.test(id) ? randomId(bytes) : id;
}
