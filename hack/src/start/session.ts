import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { JobResult } from '@autoweave/crds';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { autoweaveVersion, createLogger } from '@autoweave/platform/telemetry';
import { checkRedis } from './check-redis.ts';
import { chooseUsbSource, machineHasUsbTree } from './choose-usb-source.ts';
import { applyExamples, applyNamespace } from './example-objects.ts';
import { HeldLines } from './held-lines.ts';
import { hintLines } from './hints.ts';
import { LiveView } from './live-view.ts';
import { startLocalServers } from './local-servers.ts';
import { makeProductProcesses } from './product-processes.ts';
import type { RunDirectory } from './run-directory.ts';
import type { StartConfig } from './start-config.ts';
import { Supervisor } from './supervisor.ts';

export interface SessionOptions {
  readonly config: StartConfig;
  readonly run: RunDirectory;
  readonly environment: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  /** Ends the session. */
  readonly signal: AbortSignal;
}

const systemNamespace = 'autoweave-system';

/**
 * Starts everything, shows what happens until it is told to end, and stops everything in reverse. Resolves with the
 * first result of a plugin when `config.once`, with nothing when the signal is aborted.
 *
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE, AW_LOCAL_SERVER_FAILED, after everything was stopped
 */
export async function runSession(options: SessionOptions): Promise<JobResult | undefined> {
  const { run, print, signal } = options;
  const ending = Promise.withResolvers<JobResult | undefined>();
  signal.addEventListener('abort', () => ending.resolve(undefined), { once: true });
  await using started = new AsyncDisposableStack();
  started.defer(() => rm(run.state, { recursive: true, force: true }));
  print(`AutoWeave ${autoweaveVersion}, logs in ${run.path}`);

  const starting = startEverything(options, started, ending);
  // What is half started when the end comes is ended by the stack, or with this process by its death watch.
  starting.catch(ending.reject);
  const result = await ending.promise;
  if (result === undefined) {
    print('Stopping');
  } else {
    // All that was seen until then is shown at the end of the start.
    await starting;
    print(`Ended after the first result, which ${result.state.toLowerCase()}`);
  }
  return result;
}

type Ending = PromiseWithResolvers<JobResult | undefined>;

async function startEverything(options: SessionOptions, started: AsyncDisposableStack, ending: Ending): Promise<void> {
  const { config, run, print, signal, environment } = options;
  const timer = stopwatch();
  for (const reason of config.redisUrl === undefined ? [] : await checkRedis(config.redisUrl))
    print(`Your Redis: ${reason}`);
  const servers = await startLocalServers(config.redisUrl);
  if (signal.aborted) return servers.stop();
  started.defer(() => servers.stop());
  print(`Started etcd, kube-apiserver${config.redisUrl === undefined ? ' and Redis' : ''}${timer()}`);

  const { source: usbSource, notice } = chooseUsbSource(config.usbSource, await machineHasUsbTree());
  if (notice !== undefined) print(notice);
  const access = await loadClusterAccess({ kubeconfigPath: servers.kubeconfigPath, env: {} });
  const client = new KubeClient(access, { userAgent: 'autoweave-start' });
  await applyNamespace(client, systemNamespace);
  const plugins = await applyExamples(client);
  const held = new HeldLines(print);
  const view = new LiveView({
    client,
    redisUrl: servers.redisUrl,
    logger: createLogger({
      name: 'autoweave-start',
      level: config.logLevel,
      destination: createWriteStream(run.logFile('start')),
    }),
    print: held.print,
    onResult: (result) => {
      if (config.once) ending.resolve(result);
    },
  });
  started.defer(() => view.stop());
  await view.start();

  const namespace = systemNamespace;
  const products = await makeProductProcesses({ ...config, ...servers, run, environment, usbSource, namespace });
  started.defer(() => products.stop());
  await products.start();
  print(`Started operator, agent and executor, applied plugin ${plugins.join(', ')}${timer()}`);
  const parts = [...products.parts, ...servers.parts];
  const supervisor = new Supervisor({ parts, tell: print, onGiveUp: ending.reject });
  started.defer(() => supervisor.stop());
  supervisor.start();
  for (const hint of hintLines({ ...servers, searchPath: environment['PATH'] ?? '' })) print(hint);
  held.release();
}

function stopwatch(): () => string {
  let from = performance.now();
  return () => {
    const seconds = (performance.now() - from) / 1000;
    from = performance.now();
    return ` in ${seconds.toFixed(1)} s`;
  };
}
