/**
 * A candidate in a process of its own, for tests that kill and pause it. Prints a line each 10 ms while it believes to
 * lead: `leading <milliseconds of CLOCK_MONOTONIC>`; and `ended <released|lost>` before it exits.
 *
 * node elector-process.ts <kubeconfig> <namespace> <lease> <identity>
 */
import { pino } from 'pino';
import { MetricsRegistry } from '../../telemetry/index.ts';
import { KubeClient } from '../kube-client.ts';
import { LeaderElector } from '../leader-elector.ts';
import { loadClusterAccess } from '../load-cluster-access.ts';

const [kubeconfigPath, namespace = '', name = '', identity = ''] = process.argv.slice(2);
const client = new KubeClient(await loadClusterAccess({ kubeconfigPath }));
const elector = new LeaderElector({
  client,
  namespace,
  name,
  identity,
  logger: pino({ enabled: false }),
  metrics: new MetricsRegistry(),
  leaseSeconds: 3,
  renewSeconds: 2,
  retrySeconds: 0.5,
});
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const beat = setInterval(() => {
  if (elector.isLeading) process.stdout.write(`leading ${process.hrtime.bigint() / 1_000_000n}\n`);
}, 10);
const end = await elector.run(
  { onStarted: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())) },
  stop.signal,
);
clearInterval(beat);
process.stdout.write(`ended ${end}\n`);
client.close();
