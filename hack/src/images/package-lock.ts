import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './repository.ts';

/** As much of package-lock.json as is needed. */
export interface PackageLock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  /** Of a workspace. */
  readonly name?: string;
  readonly version?: string;
  /** SPDX expression. */
  readonly license?: string;
  /** `sha512-<base64>` */
  readonly integrity?: string;
  /** Where a link to a workspace leads. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export async function readPackageLock(): Promise<PackageLock> {
  return JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as PackageLock;
}

/** Folders of the workspaces. */
export function workspacesOf({ packages }: PackageLock): string[] {
  return Object.keys(packages).filter((path) => path !== '' && !path.includes('node_modules/'));
}
