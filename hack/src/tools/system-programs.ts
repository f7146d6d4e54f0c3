import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import type { ToolContext } from './context.ts';
import { findExecutables } from './executables.ts';
import { findPackageManager, installPackages } from './system-packages.ts';

/**
 * Paths of programs of the system by their names; packages of those that are missing are installed.
 * `packages` has, for each program, the package that holds it.
 *
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE.
 */
export async function provideSystemPrograms<Name extends string>(
  context: ToolContext,
  packages: Readonly<Record<Name, string>>,
): Promise<Record<Name, string>> {
  const names = Object.keys(packages) as Name[];
  const missing = (await lookFor(context, names)).filter(({ path }) => path === undefined);
  const wanted = missing.map(({ name }) => packages[name]);
  try {
    if (wanted.length > 0) await installPackages(context, await findPackageManager(context), wanted);
  } catch (error) {
    throw unavailable(wanted, errorMessage(error));
  }
  const paths: Partial<Record<Name, string>> = {};
  for (const { name, path } of await lookFor(context, names)) {
    if (path === undefined) throw unavailable(wanted, `${name} is not on PATH`);
    paths[name] = path;
  }
  return paths as Record<Name, string>;
}

interface Sought<Name> {
  readonly name: Name;
  readonly path: string | undefined;
}

function lookFor<Name extends string>(context: ToolContext, names: readonly Name[]): Promise<Sought<Name>[]> {
  return Promise.all(names.map(async (name) => ({ name, path: (await findExecutables(name, context.searchPath))[0] })));
}

function unavailable(packages: readonly string[], reason: string): AutoWeaveError {
  const message = `The packages ${packages.join(', ')} are needed, but could not be had: ${reason}`;
  return new AutoWeaveError('AW_TOOL_UNAVAILABLE', message);
}
