import type { Host } from './types.ts';

const { stringify } = JSON;
const { freeze } = Object;
const toText = String;
const maxLength = 4096;

type Write = (message: unknown, fields?: unknown) => void;

export type Log = Readonly<Record<'debug' | 'info' | 'warn' | 'error', Write>>;

export function makeLog(host: Host): Log {
  const writer =
    (level: string): Write =>
    (message, fields) => {
      host('log', level, cut(message), fieldsText(fields));
    };
  return freeze({ debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') });
}

/** V8's own console prints nothing without an inspector. */
export function replaceConsole({ debug, info, warn, error }: Log): void {
  const value = freeze({
    debug: printer(debug),
    info: printer(info),
    log: printer(info),
    warn: printer(warn),
    error: printer(error),
  });
  Object.defineProperty(globalThis, 'console', { value, configurable: true, writable: true });
}

function printer(write: Write) {
  return (...values: unknown[]): void => {
    let line = '';
    for (let index = 0; index < values.length && line.length < maxLength; index += 1) {
      line += (index === 0 ? '' : ' ') + shown(values[index]);
    }
    write(line);
  };
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null || value instanceof Error) return cut(value);
  return fieldsText(value) || '[object]';
}

function cut(value: unknown): string {
  const text = toText(value);
  return text.length <= maxLength ? text : `${text.substring(0, maxLength - 1)}…`;
}

/** '' when there are none. */
function fieldsText(fields: unknown): string {
  if (typeof fields !== 'object' || fields === null) return '';
  try {
    const text = stringify(fields) ?? '';
    return text.length <= maxLength ? text : '{"fields":"too large"}';
  } catch {
    return '{"fields":"no JSON"}';
  }
}
