import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { findExecutables } from '../tools/executables.ts';
import type { ToolContext } from '../tools/index.ts';
import { findPackageManager, installPackages } from '../tools/system-packages.ts';
import type { Machine } from './machine.ts';

/** Paths of executables. */
export interface GuestTools {
  readonly emulator: string;
  readonly mke2fs: string;
}

/** Finds what making and running a guest needs; installs Debian's packages of it when they are missing.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE.
 */
export async function provideGuestTools(context: ToolContext, machine: Machine): Promise<GuestTools> {
  const packages = { [machine.emulator]: machine.emulatorPackage, mmdebstrap: 'mmdebstrap', mke2fs: 'e2fsprogs' };
  const find = async (command: string): Promise<string | undefined> =>
    (await findExecutables(command, context.searchPath))[0];
  const missing: string[] = [];
  for (const [command, name] of Object.entries(packages)) {
    if ((await find(command)) === undefined) missing.push(name);
  }
  try {
    if (missing.length > 0) await installPackages(context, await findPackageManager(context), missing);
  } catch (error) {
    throw unavailable(missing, errorMessage(error));
  }
  const emulator = await find(machine.emulator);
  const mke2fs = await find('mke2fs');
  if (emulator === undefined || mke2fs === undefined) throw unavailable(missing, 'their programs are not on PATH');
  return { emulator, mke2fs };
}

function unavailable(packages: readonly string[], reason: string): AutoWeaveError {
  const message = `The guest needs the packages ${packages.join(', ')}, which could not be had: ${reason}`;
  return new AutoWeaveError('AW_TOOL_UNAVAILABLE', message);
}
