/** As much of npm's node_modules/.package-lock.json as is needed. */
export interface InstalledPackages {
  readonly packages: Readonly<Record<string, InstalledPackage>>;
}

interface InstalledPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  /** A workspace. */
  readonly link?: boolean;
}

export interface ProductionPackage {
  /** Relative to the repository, e.g. `node_modules/ioredis`. */
  readonly path: string;
  /** Changes when the content may have. */
  readonly identity: string;
}

/** What a process of ours needs of node_modules when it runs: no tools; links to workspaces are among it. */
export function productionPackages({ packages }: InstalledPackages): ProductionPackage[] {
  return Object.entries(packages)
    .filter(([path, { dev = false }]) => path.startsWith('node_modules/') && !dev)
    .map(([path, { version = 'link', integrity = '' }]) => ({ path, identity: `${path} ${version} ${integrity}` }))
    .toSorted((left, right) => left.path.localeCompare(right.path, 'en'));
}
