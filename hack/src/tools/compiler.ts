import { runCommand } from '../processes/run-command.ts';
import type { ToolContext } from './context.ts';
import { findExecutables } from './executables.ts';
import { findPackageManager, installFirst } from './system-packages.ts';

/** Makes sure that there are a C compiler and libseccomp. @throws Error when they cannot be installed. */
export async function provideCompiler(context: ToolContext): Promise<void> {
  const compilers = await findExecutables('gcc', context.searchPath);
  if (compilers.length > 0 && (await hasSeccomp())) return;
  const manager = await findPackageManager(context);
  await installFirst(context, manager, manager.compiler);
}

function hasSeccomp(): Promise<boolean> {
  return runCommand('pkg-config', ['--exists', 'libseccomp']).then(
    () => true,
    () => false,
  );
}
