import { join } from 'node:path';
import { errorCode, errorMessage } from '@autoweave/platform/errors';
import { makeRunDirectory } from './run-directory.ts';
import { runSession } from './session.ts';
import { startConfigOrExit } from './start-config.ts';

const runsDirectory = join(import.meta.dirname, '../../../.cache/run');
/** Of the way from Ctrl-C to the end; whatever is left then is ended with this process by its death watch. */
const stopMilliseconds = 4_800;
const parentCheckMilliseconds = 500;

const config = startConfigOrExit();
const stopping = new AbortController();

function stop(): void {
  if (stopping.signal.aborted) return;
  stopping.abort();
  setTimeout(() => process.exit(1), stopMilliseconds).unref();
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
// Nobody reads any more.
process.stdout.on('error', stop);
// npm, or what started us, was killed without a chance to tell us.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stop();
}, parentCheckMilliseconds).unref();

try {
  const result = await runSession({
    config,
    run: await makeRunDirectory(runsDirectory),
    environment: process.env,
    print: (line) => void process.stdout.write(`${line}\n`),
    signal: stopping.signal,
  });
  process.stdout.write('Stopped\n');
  process.exit(result?.state === 'Failed' ? 1 : 0);
} catch (error) {
  process.stderr.write(`${errorCode(error) ?? 'Failed'}: ${errorMessage(error)}\n`);
  process.exit(1);
}
