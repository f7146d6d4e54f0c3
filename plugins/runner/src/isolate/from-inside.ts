import { isDeeperThan, maxJsonDepth, type ProtocolError } from '@autoweave/crds';

/**
 * What an isolate told, made to fit the runner protocol. A plugin can change much of the language under bootstrap, and
 * a message that breaks the protocol would end the runner, with all other plugins of the namespace.
 */

const maxFields = 64;
const maxArguments = 4;
const maxMessageLength = 4096;

/** Undefined when there are none. */
export function fieldsFrom(json: string): Readonly<Record<string, unknown>> | undefined {
  if (json === '') return undefined;
  const fields: unknown = JSON.parse(json);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return { fields: 'no object' };
  if (Object.keys(fields).length > maxFields) return { fields: `more than ${maxFields}` };
  return isDeeperThan(fields, maxJsonDepth) ? { fields: 'nested too deep' } : { ...fields };
}

/** Whether a request can be sent on. */
export function areArguments(json: string): boolean {
  const values: unknown = JSON.parse(json);
  return Array.isArray(values) && values.length <= maxArguments && !isDeeperThan(values, maxJsonDepth);
}

export function textFrom(text: string): string {
  return text.slice(0, maxMessageLength);
}

/** Codes that bootstrap gives a hook that failed: its own, and those of refused requests. */
const codes: ReadonlySet<string> = new Set([
  'AW_JOB_INVALID',
  'AW_PERMISSION_DENIED',
  'AW_PLUGIN_LOAD_FAILED',
  'AW_PLUGIN_THREW',
  'AW_REDIS_UNREACHABLE',
  'AW_RESULT_INVALID',
  'AW_RESULT_TOO_LARGE',
  'AW_STORE_FULL',
]);

export function failureFrom(code: string, message: string): ProtocolError {
  return { code: codes.has(code) ? code : 'AW_PLUGIN_THREW', message: textFrom(message) };
}
