import { access } from 'node:fs/promises';
import { errorMessage } from '@autoweave/platform/errors';
import type { ToolContext } from './context.ts';
import { findExecutables } from './executables.ts';
import { runAsRoot } from './system-packages.ts';

/**
 * Stops the service that a package, installed by us for its program only, may have started, now and at the next boot.
 * A service that was there before is none of our business: call this only after an installation of our own.
 */
export async function quietService(context: ToolContext, service: string): Promise<void> {
  for (const command of await commandsToQuiet(context, service)) {
    try {
      await runAsRoot(context, command);
    } catch (error) {
      context.progress.note(`The service ${service} may still run: ${errorMessage(error)}`);
    }
  }
}

async function commandsToQuiet({ searchPath }: ToolContext, service: string): Promise<string[][]> {
  if (await exists('/run/systemd/system')) return [['systemctl', 'disable', '--now', service]];
  if (!(await exists(`/etc/init.d/${service}`))) return [];
  const has = async (name: string): Promise<boolean> => (await findExecutables(name, searchPath)).length > 0;
  const stop = (await has('service')) ? [['service', service, 'stop']] : [[`/etc/init.d/${service}`, 'stop']];
  return (await has('update-rc.d')) ? [...stop, ['update-rc.d', service, 'disable']] : stop;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
