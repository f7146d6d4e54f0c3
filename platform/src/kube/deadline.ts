/** Ends with the signal of the caller or after a time, whichever is first. Call `clear` when the work is done. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly expired: () => boolean;
  clear(): void;
}

/**
 * Like `AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])`, but leaves nothing behind at a signal that
 * lives as long as the process.
 */
export function startDeadline(milliseconds: number, signal?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, milliseconds);
  const forward = () => controller.abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener('abort', forward, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired,
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', forward);
    },
  };
}
