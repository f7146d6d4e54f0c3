import type { HostedPlugin } from './plugin-host.ts';

const periodMilliseconds = 100;
/** Of the process without plugins. */
const baseMegabytes = 192;
/** Of a plugin beside its limit: thread, code, and garbage that V8 has not collected yet. */
const perPluginMegabytes = 48;
const overshoot = 2;

export interface MemoryGuardOptions {
  readonly plugins: () => readonly HostedPlugin[];
  /** Resident bytes of the process. */
  readonly residentBytes: () => number;
  /**
   * Told once; the process must end. `culprit` is the only plugin whose code ran; undefined when there were several:
   * then the executor runs their calls again one by one, and finds out.
   */
  readonly exceeded: (culprit: HostedPlugin | undefined) => void;
}

/**
 * Watches the memory of the whole process while plugins run. What an isolate allocates outside the heap that its
 * limit covers (rejected promises, compiled expressions, ICU objects) shows here only, and the thread that does it
 * cannot be stopped from outside: the way out is the end of the process.
 */
export class MemoryGuard {
  readonly #options: MemoryGuardOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MemoryGuardOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.check(), periodMilliseconds).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  check(): void {
    const plugins = this.#options.plugins();
    const running = plugins.filter(({ sandbox }) => sandbox.busy);
    if (running.length === 0 || this.#options.residentBytes() <= allowedBytes(plugins)) return;
    this.stop();
    this.#options.exceeded(running.length === 1 ? running[0] : undefined);
  }
}

/** What the process may use with these plugins. */
export function allowedBytes(plugins: readonly { readonly memoryMegabytes: number }[]): number {
  const limits = plugins.map(({ memoryMegabytes }) => overshoot * memoryMegabytes + perPluginMegabytes);
  return limits.reduce((sum, limit) => sum + limit, baseMegabytes) * 1024 * 1024;
}
