import { log } from './log.ts';

/** When the process was asked to end. */
export function onStop(stop: () => void): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
}

/** At once: an orderly exit would wait for threads that cannot be stopped, and see ThreadPool. */
export function endWith(reason: string | undefined): void {
  if (reason !== undefined) log('warn', 'Ended', { reason });
  process.kill(process.pid, 'SIGKILL');
}
