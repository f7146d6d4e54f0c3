import { HelpRequested } from '@autoweave/platform/config';
import { errorCode, errorMessage } from '@autoweave/platform/errors';
import { loadClusterAccess } from '@autoweave/platform/kube';
import { createLogger, type Logger } from '@autoweave/platform/telemetry';
import { commands } from './commands/index.ts';
import { loadOperatorConfig, type OperatorConfig } from './config.ts';
import { makeControllers } from './make-controllers.ts';
import { Operator } from './operator.ts';

/** All parts end sooner, unless what they wait for hangs. */
const stopMilliseconds = 4_500;

async function main([first = '', ...rest]: readonly string[]): Promise<number> {
  const command = commands.get(first);
  if (command !== undefined) return command({ env: process.env, argv: rest });
  return run(loadOperatorConfig({ env: process.env, argv: process.argv.slice(2) }));
}

async function run(config: OperatorConfig): Promise<number> {
  const logger = createLogger({ name: 'autoweave-operator', level: config.logLevel });
  const signal = stopSignal(logger);
  try {
    const access = await loadClusterAccess({ kubeconfigPath: config.kubeconfig, env: process.env });
    const end = await new Operator({ config, access, controllers: makeControllers, logger }).run(signal);
    if (end === 'released') return 0;
    logger.error('Lost the leadership');
  } catch (error) {
    logger.fatal({ err: error }, 'Failed');
  }
  return 1;
}

function stopSignal(logger: Logger): AbortSignal {
  const stopping = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (stopping.signal.aborted) return;
    logger.info({ signal: name }, 'Stopping');
    stopping.abort(new Error(`received ${name}`));
    const late = (): void => {
      logger.error('Stopped before all parts had ended');
      process.exit(1);
    };
    setTimeout(late, stopMilliseconds).unref();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}

function sayWhyNot(error: unknown): number {
  const asked = error instanceof HelpRequested;
  (asked ? process.stdout : process.stderr).write(`${errorMessage(error)}\n`);
  if (asked) return 0;
  return errorCode(error) === 'AW_CONFIG_INVALID' ? 2 : 1;
}

process.exit(await main(process.argv.slice(2)).catch(sayWhyNot));
