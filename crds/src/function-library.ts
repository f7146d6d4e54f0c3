import { readFileSync } from 'node:fs';

/** A Redis function library: what `FUNCTION LOAD` takes, and how to tell which version a server has. */
export interface FunctionLibrary {
  readonly name: string;
  /** Counts up. A server's newer version is left alone: it still answers our calls. */
  readonly version: number;
  /** Read-only function without arguments that answers the version. */
  readonly versionFunction: string;
  readonly code: string;
}

/** Library `autoweave`, from crds/functions/autoweave.lua. Read at the call, so that importing the contract reads no file. */
export function autoweaveLibrary(): FunctionLibrary {
  // Beside src/, and beside a dist/ that was emitted from it.
  const code = readFileSync(new URL('../functions/autoweave.lua', import.meta.url), 'utf8');
  const version = /^local version = (\d+)$/m.exec(code)?.[1];
  if (version === undefined) throw new Error('crds/functions/autoweave.lua lacks its line "local version = <number>"');
  return { name: 'autoweave', version: Number(version), versionFunction: 'autoweave_version', code };
}
