import type { Socket } from 'node:net';
import { runnerProtocol } from '@autoweave/crds';
import { AutoWeaveError, errorCode, errorMessage } from '@autoweave/platform/errors';
import type { Counter, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { RunnerAuthenticator, RunnerClaim, RunnerIdentity } from '../ports.ts';
import { PeerLimits, type PeerLimitsOptions } from './peer-limits.ts';
import { RunnerConnection } from './runner-connection.ts';

export interface RunnerGateOptions {
  readonly authenticator: RunnerAuthenticator;
  readonly limits: PeerLimitsOptions;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** A runner proved who it is, and was welcomed. */
  readonly arrived: (identity: RunnerIdentity, connection: RunnerConnection) => void;
}

type Refusal = 'limit' | 'protocol' | 'identity' | 'unavailable';

/** Lets runners in: whoever connects has to say `hello` soon, shortly, and truly. */
export class RunnerGate {
  readonly #options: RunnerGateOptions;
  readonly #limits: PeerLimits;
  readonly #sockets = new Set<Socket>();
  readonly #refusals: Counter<'reason'>;

  constructor(options: RunnerGateOptions) {
    this.#options = options;
    this.#limits = new PeerLimits(options.limits);
    this.#refusals = options.metrics.counter({
      name: 'autoweave_executor_runner_refusals_total',
      help: 'Connections that were closed before they were known to be of a runner.',
      labels: { reason: ['limit', 'protocol', 'identity', 'unavailable'] satisfies Refusal[] },
    });
  }

  accept(socket: Socket): void {
    const admission = this.#limits.admit(socket.remoteAddress ?? '');
    if (admission === undefined) {
      // Not worth a line in the log: there may be many.
      this.#refusals.increment({ reason: 'limit' });
      socket.on('error', () => undefined).destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      admission.ended();
    });
    void this.#admit(new RunnerConnection(socket), admission.settled);
  }

  /** Ends all connections. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #admit(connection: RunnerConnection, settled: () => void): Promise<void> {
    const { authenticator, arrived, logger } = this.#options;
    try {
      const identity = await authenticator.identify(await hello(connection));
      if (connection.isClosed) return;
      settled();
      connection.welcome();
      arrived(identity, connection);
    } catch (error) {
      const code = errorCode(error) ?? 'AW_RUNNER_UNAVAILABLE';
      const reason = refusals[code] ?? 'unavailable';
      this.#refusals.increment({ reason });
      logger.warn({ reason: errorMessage(error), code }, 'Refused a runner');
      const last = { type: 'refused', error: { code, message: errorMessage(error) } } as const;
      // Who broke the protocol may be anything, and would not understand.
      connection.close('it was refused', reason === 'protocol' ? undefined : last);
    }
  }
}

const refusals: Readonly<Record<string, Refusal>> = {
  AW_PROTOCOL_VIOLATION: 'protocol',
  AW_RUNNER_REFUSED: 'identity',
};

/** @throws AutoWeaveError AW_PROTOCOL_VIOLATION */
async function hello(connection: RunnerConnection): Promise<RunnerClaim> {
  const { promise, resolve, reject } = Promise.withResolvers<RunnerClaim>();
  const violation = (reason: string): void => reject(new AutoWeaveError('AW_PROTOCOL_VIOLATION', reason));
  const { helloSeconds } = runnerProtocol;
  const timer = setTimeout(() => violation(`it said no hello within ${helloSeconds} s`), helloSeconds * 1000);
  let said = false;
  connection.listen({
    receive: (message) => {
      if (message.type !== 'hello' || said) return connection.close('it said something else than one hello');
      said = true;
      const { namespace = '', token = '' } = message;
      resolve({ namespace, token });
    },
    closed: violation,
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
