import { runChecks, type ReadinessCheck, type ReadinessOutcome } from './readiness.ts';

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export function jsonReply(value: unknown, status = 200): Reply {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

export function healthReply(live: boolean): Reply {
  return live ? plain(200, 'ok') : plain(503, 'not live');
}

/** As kube-apiserver answers: `ok`, or one line per check when one fails or `?verbose` is given. */
export function readinessReply(checks: readonly ReadinessCheck[], query: URLSearchParams): Reply {
  const excluded = query.getAll('exclude');
  const outcomes = runChecks(checks, excluded);
  const ready = outcomes.every(({ reason }) => reason === undefined);
  if (ready && !query.has('verbose')) return plain(200, 'ok');
  const lines = [
    ...outcomes.map((outcome) => outcomeLine(outcome, excluded)),
    ...excluded.filter((name) => !checks.some((check) => check.name === name)).map((name) => `[!]${name} is no check`),
    ready ? 'readyz check passed' : 'readyz check failed',
  ];
  return plain(ready ? 200 : 503, lines.join('\n'));
}

function outcomeLine({ name, reason }: ReadinessOutcome, excluded: readonly string[]): string {
  if (excluded.includes(name)) return `[+]${name} excluded: ok`;
  return reason === undefined ? `[+]${name} ok` : `[-]${name} failed: ${reason}`;
}

function plain(status: number, text: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}
