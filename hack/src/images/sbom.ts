import { contentKey } from '../guest/content-key.ts';
import type { LockedPackage, PackageLock } from './package-lock.ts';
import type { SourceState } from './source-state.ts';

export interface SbomOptions {
  /** e.g. `autoweave/operator` */
  readonly name: string;
  readonly source: SourceState;
  /** What is in the image, as keys of package-lock.json. */
  readonly packages: readonly string[];
  readonly lock: PackageLock;
}

/**
 * A software bill of materials of what we add to the base of an image: CycloneDX 1.6, the same for the same content.
 * See https://cyclonedx.org/docs/1.6/json/.
 */
export function softwareBillOfMaterials({ name, source, packages, lock }: SbomOptions): object {
  const image = { type: 'container', 'bom-ref': name, name, version: source.version };
  const entries = packages.map((path) => ({ path, entry: lockedPackage(lock, path) }));
  const references = new Map(entries.map(({ path, entry }) => [path, packageUrl(path, entry)]));
  const components = entries.map(({ path, entry }) => componentOf(path, entry));
  const dependencies = entries.map(({ path, entry }) => ({
    ref: packageUrl(path, entry),
    dependsOn: dependenciesOf(path, lock, references),
  }));
  const needed = new Set(dependencies.flatMap(({ dependsOn }) => dependsOn));
  const direct = [...references.values()].filter((reference) => !needed.has(reference));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber([name, source.version, ...references.values()]),
    version: 1,
    metadata: { timestamp: new Date(source.epoch * 1000).toISOString(), component: image },
    components,
    dependencies: [{ ref: name, dependsOn: direct }, ...dependencies],
  };
}

function lockedPackage({ packages }: PackageLock, path: string): LockedPackage {
  const entry = packages[path];
  if (entry === undefined) throw new Error(`package-lock.json has no ${path}`);
  return entry;
}

function componentOf(path: string, entry: LockedPackage): object {
  const { version, license, integrity } = entry;
  const [algorithm, digest] = integrity?.split('-', 2) ?? [];
  return {
    type: 'library',
    'bom-ref': packageUrl(path, entry),
    name: packageName(path, entry),
    version,
    purl: packageUrl(path, entry),
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    ...(algorithm === 'sha512' && digest !== undefined
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
      : {}),
  };
}

function packageName(path: string, { name }: LockedPackage): string {
  return name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** See https://github.com/package-url/purl-spec. */
function packageUrl(path: string, entry: LockedPackage): string {
  return `pkg:npm/${packageName(path, entry).replace('@', '%40')}@${entry.version}`;
}

/** Those that are in the image, found where Node would look for them. */
function dependenciesOf(path: string, { packages }: PackageLock, references: ReadonlyMap<string, string>): string[] {
  const { dependencies, optionalDependencies } = packages[path] ?? {};
  const found = Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => {
    const candidates = parentsOf(path).map((parent) => `${parent}node_modules/${name}`);
    const key = candidates.find((candidate) => packages[candidate] !== undefined) ?? '';
    return references.get(packages[key]?.resolved ?? key);
  });
  return found.filter((reference) => reference !== undefined).toSorted();
}

/** `node_modules/a/node_modules/b` → itself, `node_modules/a/`, ``. */
function parentsOf(path: string): string[] {
  const parts = path.split('/node_modules/');
  return [...parts.map((_part, index) => `${parts.slice(0, parts.length - index).join('/node_modules/')}/`), ''];
}

/** A UUID that depends on the content only: of version 8, which is for such uses. */
function serialNumber(parts: readonly string[]): string {
  const digits = contentKey(parts) + contentKey(parts.toReversed());
  const groups = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return `urn:uuid:${[...groups, digits.slice(20, 32)].join('-')}`;
}
