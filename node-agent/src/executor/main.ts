import { randomUUID } from 'node:crypto';
import { HelpRequested } from '@autoweave/platform/config';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { ProbeServer } from '@autoweave/platform/http';
import { closeRedis, createRedis, redisReadiness, redisUrlOf } from '@autoweave/platform/redis';
import { autoweaveVersion, createLogger, MetricsRegistry, TelemetryExport } from '@autoweave/platform/telemetry';
import { type ExecutorConfig, executorConfig } from './config.ts';
import { Executor } from './executor.ts';
import { HttpDeviceInventory } from './jobs/http-device-inventory.ts';
import { LaneJobRunner } from './jobs/lane-job-runner.ts';
import { ResultRecorder } from './jobs/result-recorder.ts';
import { runnerOptions } from './runner-options.ts';
import { RedisBundleSource } from './runtime/redis-bundle-source.ts';
import { RedisPluginStore } from './runtime/redis-plugin-store.ts';
import { RunnerPluginRuntime } from './runtime/runner-plugin-runtime.ts';

async function main(config: ExecutorConfig): Promise<void> {
  const { nodeName: node, concurrency } = config;
  const logger = createLogger({ name: 'autoweave-executor', level: config.logLevel });
  const metrics = new MetricsRegistry();
  metrics.collectProcessMetrics();
  const spans = new TelemetryExport({ config, service: 'autoweave-executor', node, logger, metrics });
  const connection = (name: string) => createRedis({ url: redisUrlOf(config), name, logger, blocking: true });
  const redis = connection(`autoweave-executor:${node}`);
  const workerRedis = connection(`autoweave-executor-lane:${node}`);
  const results = new ResultRecorder(redis);
  const runtime = new RunnerPluginRuntime({
    ...(await runnerOptions({ config, env: process.env, logger })),
    bundles: new RedisBundleSource(redis),
    store: new RedisPluginStore(redis),
    logger,
    metrics,
  });
  const inventory = new HttpDeviceInventory(config.agentUrl);
  const jobs = new LaneJobRunner({ node, runtime, inventory, logger, metrics, spans });
  const identity = { instance: randomUUID(), node, startedAt: Date.now(), version: autoweaveVersion };
  const shared = { redis, workerRedis, concurrency, runtime, jobs, results, logger, metrics };
  const executor = new Executor({ identity, ...shared });
  const probes = new ProbeServer({
    host: config.probeHost,
    port: config.probePort,
    logger,
    metrics,
    checks: [redisReadiness(redis), redisReadiness(workerRedis, 'lane')],
  });

  await spans.start();
  await probes.start();
  await runtime.start();
  executor.start();
  await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
  logger.info('Stopping');
  await executor.stop();
  await Promise.all([closeRedis(redis), closeRedis(workerRedis)]);
  await probes.stop();
  await spans.stop();
  // When Redis is away a BullMQ worker does not end.
  process.exit();
}

try {
  await main(executorConfig(process.env, process.argv.slice(2)));
} catch (error) {
  if (error instanceof HelpRequested) process.stdout.write(`${error.message}\n`);
  else process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = error instanceof HelpRequested ? 0 : error instanceof AutoWeaveError ? 2 : 1;
}
