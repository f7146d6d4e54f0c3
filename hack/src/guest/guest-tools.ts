import type { ToolContext } from '../tools/index.ts';
import { provideSystemPrograms } from '../tools/system-programs.ts';
import type { Machine } from './machine.ts';

/** Paths of executables. */
export interface GuestTools {
  readonly emulator: string;
  readonly mke2fs: string;
}

/**
 * Finds what making and running a guest needs; installs Debian's packages of it when they are missing.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE.
 */
export async function provideGuestTools(context: ToolContext, machine: Machine): Promise<GuestTools> {
  const packages: Record<string, string> = {
    [machine.emulator]: machine.emulatorPackage,
    mmdebstrap: 'mmdebstrap',
    mke2fs: 'e2fsprogs',
  };
  const paths = await provideSystemPrograms(context, packages);
  return { emulator: paths[machine.emulator] ?? '', mke2fs: paths['mke2fs'] ?? '' };
}
