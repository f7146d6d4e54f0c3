#!/usr/bin/env node
import { HelpRequested } from '@autoweave/platform/config';
import { errorMessage } from '@autoweave/platform/errors';
import { loadClusterAccess } from '@autoweave/platform/kube';
import { createLogger } from '@autoweave/platform/telemetry';
import { Agent } from './agent.ts';
import { readBootId } from './boot-id.ts';
import { loadAgentConfig, type AgentConfig } from './config.ts';
import { printCommand } from './print-command.ts';
import { makeUsbParts } from './usb-parts.ts';

/** Kubernetes gives 30 s, npm start 5. */
const stopMilliseconds = 4_500;

async function main([command, ...rest]: readonly string[]): Promise<number> {
  try {
    if (command === 'print') return await printCommand({ env: process.env, argv: rest });
    return await run(loadAgentConfig({ env: process.env, argv: command === undefined ? [] : [command, ...rest] }));
  } catch (error) {
    const asked = error instanceof HelpRequested;
    (asked ? process.stdout : process.stderr).write(`${errorMessage(error)}\n`);
    return asked ? 0 : 2;
  }
}

async function run(config: AgentConfig): Promise<number> {
  const logger = createLogger({ name: 'autoweave-agent', level: config.logLevel });
  const stopped = stopSignal();
  try {
    const access = await loadClusterAccess({ kubeconfigPath: config.kubeconfig, env: process.env });
    const agent = new Agent({ config, access, usb: await makeUsbParts(config), bootId: await readBootId(), logger });
    const started = agent.start();
    const signal = await Promise.race([stopped, started.then(() => stopped)]);
    logger.info({ signal }, 'Stopping');
    setTimeout(() => process.exit(1), stopMilliseconds).unref();
    await agent.stop();
    return 0;
  } catch (error) {
    logger.fatal({ err: error }, 'Failed');
    return 1;
  }
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, resolve);
  });
}

process.exitCode = await main(process.argv.slice(2));
