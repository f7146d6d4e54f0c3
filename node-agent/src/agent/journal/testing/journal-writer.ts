/** Records random plugs and unplugs as fast as it can and prints the id of each event: for tests that kill it. */
import { MetricsRegistry, createLogger } from '@autoweave/platform/telemetry';
import type { KnownDevice } from '../../ports.ts';
import { sampleDevice, sampleTransition } from '../../testing/sample-transition.ts';
import { Journal } from '../journal.ts';

const [, , path = ''] = process.argv;
const logger = createLogger({ name: 'journal-writer', level: 'silent' });
const journal = new Journal({ path, node: 'edge-1', logger, metrics: new MetricsRegistry() });
journal.open();

const ports = new Map<string, KnownDevice>(journal.lastState().map((device) => [device.sysfsName, device]));
for (;;) {
  const sysfsName = `1-${Math.floor(Math.random() * 20)}`;
  const present = ports.get(sysfsName);
  const device = present ?? sampleDevice({ sysfsName, serialNumber: `S${Math.random()}` });
  if (present === undefined) ports.set(sysfsName, device);
  else ports.delete(sysfsName);
  const { eventId } = journal.record(sampleTransition(present === undefined ? 'attach' : 'detach', device));
  // A pipe is written synchronously: what was told was recorded.
  process.stdout.write(`${eventId}\n`);
}
