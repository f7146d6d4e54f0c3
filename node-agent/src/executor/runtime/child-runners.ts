import { setTimeout as delay } from 'node:timers/promises';
import type { Counter, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { RunnerIdentity, RunnerLauncher } from '../ports.ts';
import { ChildRunner, type StartedRunner } from './child-runner.ts';
import type { LiveRunner } from './live-runner.ts';
import { OneTimeTokens } from './one-time-tokens.ts';
import type { RunnerConnection } from './runner-connection.ts';
import { RunnerGate } from './runner-gate.ts';
import { RunnerServer } from './runner-server.ts';

const connectMilliseconds = 15_000;
/** Nobody else reaches the socket. */
const limits = { connections: 1024, pending: 256, pendingPerPeer: 256, perSecond: 1000, burst: 1000 };

export interface ChildRunnersOptions {
  readonly launcher: RunnerLauncher;
  /** Of the socket; see RunnerServer. */
  readonly directory?: string | undefined;
  readonly live: (identity: RunnerIdentity, connection: RunnerConnection) => LiveRunner;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Runners that this process starts itself, one a namespace. They dial a Unix socket. */
export class ChildRunners {
  readonly #options: ChildRunnersOptions;
  readonly #server: RunnerServer;
  readonly #tokens = new OneTimeTokens();
  readonly #starts: Counter;
  /** Who waits for the runner of a namespace to connect. */
  readonly #expected = new Map<string, (connection: RunnerConnection) => void>();
  #socketPath = '';

  constructor(options: ChildRunnersOptions) {
    this.#options = options;
    const { logger, metrics } = options;
    this.#starts = metrics.counter({ name: 'autoweave_executor_runner_starts_total', help: 'Runners that started.' });
    const arrived = (identity: RunnerIdentity, connection: RunnerConnection): void =>
      this.#arrived(identity, connection);
    this.#server = new RunnerServer(new RunnerGate({ authenticator: this.#tokens, limits, arrived, logger, metrics }));
  }

  async start(): Promise<void> {
    this.#socketPath = await this.#server.listenOnSocket(this.#options.directory);
  }

  /** The one of a namespace, to be started when it is needed. */
  of(namespace: string): ChildRunner {
    return new ChildRunner({ namespace, logger: this.#options.logger, start: () => this.#start(namespace) });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #start(namespace: string): Promise<StartedRunner> {
    const { launcher, live } = this.#options;
    const arrival = Promise.withResolvers<RunnerConnection>();
    this.#expected.set(namespace, arrival.resolve);
    const token = this.#tokens.issue(namespace);
    const process = launcher.launch({ namespace, socketPath: this.#socketPath, token });
    const given = new AbortController();
    try {
      const connection = await Promise.race([
        arrival.promise,
        process.ended.then((how) => Promise.reject(new Error(`it ended with ${how}`))),
        delay(connectMilliseconds, undefined, { signal: given.signal }).then(() =>
          Promise.reject(new Error(`it did not connect within ${connectMilliseconds} ms`)),
        ),
      ]);
      this.#starts.increment();
      return { runner: live({ namespace }, connection), process };
    } catch (error) {
      process.kill();
      throw error;
    } finally {
      given.abort();
      this.#expected.delete(namespace);
    }
  }

  #arrived({ namespace }: RunnerIdentity, connection: RunnerConnection): void {
    const expected = this.#expected.get(namespace);
    if (expected === undefined) connection.close(`nobody waits for a runner of namespace ${namespace}`);
    else expected(connection);
  }
}
