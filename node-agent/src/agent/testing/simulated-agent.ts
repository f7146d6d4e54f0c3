/** An agent whose devices come and go every few milliseconds: for tests that kill it. Settings come from flags and environment. */
import { loadClusterAccess } from '@autoweave/platform/kube';
import { createLogger } from '@autoweave/platform/telemetry';
import { Agent } from '../agent.ts';
import { loadAgentConfig } from '../config.ts';
import { SimulatedUsb } from '../sources/simulated-usb.ts';

const config = loadAgentConfig({ env: process.env, argv: process.argv.slice(2) });
const logger = createLogger({ name: 'simulated-agent', level: config.logLevel });
const simulated = new SimulatedUsb({ intervalMilliseconds: 3, seed: process.pid });
const access = await loadClusterAccess({ env: process.env });
const agent = new Agent({
  config,
  access,
  usb: { source: simulated, edgeSources: [simulated], dispose: () => simulated.dispose() },
  bootId: 'the-same-each-time',
  logger,
});
await agent.start();
process.once('SIGTERM', () => void agent.stop());
