import type { JobResult } from '@autoweave/crds';
import { z } from 'zod';

const text = z.string().max(1024);
/** Of a Kubernetes object: names of queues and requests are made of it. */
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
/** Milliseconds since 1970, as far as a Date reaches. */
const time = z.int().min(0).max(8.64e15);

const schema = z.object({
  jobId: text.min(1),
  type: z.enum(['usb.attach', 'usb.detach', 'plugin.job', 'plugin.load', 'plugin.unload']),
  plugin: z.object({ namespace: name, name }),
  node: text,
  deviceName: name.optional(),
  eventId: text.optional(),
  state: z.enum(['Succeeded', 'Failed', 'HandedBack']),
  code: text.optional(),
  message: z.string().optional(),
  value: z.unknown().optional(),
  startedAt: time,
  finishedAt: time,
  traceparent: z.string(),
});

/** From its JSON; undefined when it is none. Redis is written by executors of other versions, too. */
export function parseJobResult(json: string): JobResult | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(json));
    return parsed.success ? (parsed.data as JobResult) : undefined;
  } catch {
    return undefined;
  }
}
