import { isDeeperThan, maxJsonDepth, type PluginKey } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { z } from 'zod';

/** What a client of the open door sends as the data of a job named `plugin.job`. */
export interface IntakeJob {
  readonly plugin: PluginKey;
  /** Name or alias of a UsbDevice; absent: any node will do. */
  readonly device?: string | undefined;
  /** Handed to onJob. At most 64 KiB as JSON. */
  readonly payload?: unknown;
  /** No other exclusive job uses the device meanwhile. */
  readonly exclusive: boolean;
  readonly timeToLiveSeconds: number;
}

const pluginJobName = 'plugin.job';
const maxPayloadBytes = 64 * 1024;
const maxTimeToLiveSeconds = 7 * 24 * 3600;

const name = z.string('give a name').regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'give a Kubernetes name');

const schema = z.strictObject(
  {
    plugin: z.strictObject({ namespace: name, name }, 'give {"namespace": …, "name": …}'),
    device: name.optional(),
    payload: z
      .unknown()
      .refine((payload) => !isDeeperThan(payload, maxJsonDepth), {
        error: `nest at most ${maxJsonDepth} levels`,
        abort: true,
      })
      .refine(isSmall, `give at most ${maxPayloadBytes} bytes of JSON`)
      .optional(),
    exclusive: z.boolean('give true or false').default(false),
    timeToLiveSeconds: z
      .number('give a number of seconds')
      .int('give whole seconds')
      .min(1, 'give at least 1')
      .max(maxTimeToLiveSeconds, `give at most ${maxTimeToLiveSeconds}, a week`)
      .default(3600),
  },
  'give an object with the field plugin',
);

/** @throws AutoWeaveError AW_JOB_INVALID naming the field, its value and what to give instead. */
export function parseIntakeJob(jobName: string, data: unknown): IntakeJob {
  if (jobName !== pluginJobName) {
    throw invalidJob('name', jobName, `not accepted yet; jobs named ${pluginJobName} are`);
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw problemOf(parsed.error, data);
}

function problemOf({ issues: [issue] }: z.ZodError, data: unknown): AutoWeaveError {
  const path = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const field = [...path, ...issue.keys.slice(0, 1)];
    return invalidJob(field.join('.'), valueAt(data, field), 'no such field is known; remove it');
  }
  return invalidJob(path.join('.') || 'data', valueAt(data, path), issue?.message ?? 'correct it');
}

export function invalidJob(field: string, value: unknown, remedy: string): AutoWeaveError {
  const shown = value === undefined ? 'missing' : shownValue(value);
  return new AutoWeaveError('AW_JOB_INVALID', `${field} is ${shown}: ${remedy}`, { field, value });
}

function shownValue(value: unknown): string {
  return isDeeperThan(value, maxJsonDepth) ? 'nested deeply' : JSON.stringify(value).slice(0, 100).toWellFormed();
}

function isSmall(payload: unknown): boolean {
  return payload === undefined || Buffer.byteLength(JSON.stringify(payload) ?? '') <= maxPayloadBytes;
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return value;
}
