import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface OperatorProcessOptions {
  readonly kubeconfigPath: string;
  readonly redisUrl: string;
  readonly namespace: string;
  /** Flags, after ours. */
  readonly flags?: readonly string[];
}

/** A real replica of the operator, as a process of its own. */
export class OperatorProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;

  constructor({ kubeconfigPath, redisUrl, namespace, flags = [] }: OperatorProcessOptions) {
    const main = join(import.meta.dirname, '../main.ts');
    const ours = ['--probe-host=127.0.0.1', '--probe-port=0', `--namespace=${namespace}`, '--lease-seconds=3'];
    this.#child = spawn(process.execPath, [main, ...ours, ...flags], {
      env: { KUBECONFIG: kubeconfigPath, REDIS_URL: redisUrl, LOG_LEVEL: 'debug' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#collect(stream);
  }

  has(message: string): boolean {
    return this.lines.some((line) => line.includes(message));
  }

  /** Port of the probes, once they are served. */
  get port(): number | undefined {
    const line = this.lines.find((text) => text.includes('Serving probes'));
    return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port;
  }

  /** @returns the exit code; null when a signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
    return this.#child.exitCode;
  }

  #collect(stream: Readable | null): void {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
  }
}
