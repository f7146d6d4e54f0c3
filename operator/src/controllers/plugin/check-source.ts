import { canonicalBundle, type PluginBundle, type PluginManifest, textDigest } from '@autoweave/crds';
import { manifestFileName, parsePluginManifest } from '@autoweave/crds/validators';
import { faulty, type Outcome, type PluginFault } from '../../plugin-fault.ts';
import type { SourceFiles } from './resolve-source.ts';

/** A bundle whose files are those that its manifest lists. */
export interface CheckedBundle {
  readonly bundle: PluginBundle;
  /** `sha256:<64 hex>` of `json`. */
  readonly digest: string;
  /** The canonical text. */
  readonly json: string;
}

const maximumSourceBytes = 512 * 1024;
/** Of the canonical text: an executor sends it in one message of the runner protocol, which holds 1 MiB. */
const maximumBundleBytes = 1000 * 1024;

export interface SourceExpectations {
  /** `spec.source.digest` */
  readonly digest?: string | undefined;
  /** An image of its own is the plugin (`spec.pod.image`): then no file has to be. */
  readonly hasImage?: boolean;
}

export function checkSource(files: SourceFiles, expected: SourceExpectations = {}): Outcome<CheckedBundle> {
  const { [manifestFileName]: manifestText, ...rest } = files;
  if (manifestText === undefined) {
    const names = Object.keys(files).join(', ') || 'no file at all';
    return faulty('AW_MANIFEST_MISSING', `the source has ${names}, but not ${manifestFileName}`);
  }
  const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > maximumSourceBytes) return faulty('AW_SOURCE_TOO_LARGE', `the files have ${bytes} bytes together`);
  const manifest = parsePluginManifest(manifestText);
  if (!manifest.ok) return faulty('AW_MANIFEST_INVALID', manifest.failure.message);
  const fault = entryFault(manifest.value, expected) ?? fileFault(manifest.value, rest);
  if (fault !== undefined) return { ok: false, fault };
  return checkBundle({ manifest: manifest.value, files: rest }, expected.digest);
}

function entryFault({ entry }: PluginManifest, { hasImage = false }: SourceExpectations): PluginFault | undefined {
  if (entry !== undefined || hasImage) return undefined;
  const message = 'entry is missing; name the ES module that exports the plugin, or give spec.pod.image';
  return { code: 'AW_MANIFEST_INVALID', message };
}

function fileFault(manifest: PluginManifest, files: SourceFiles): PluginFault | undefined {
  const missing = Object.keys(manifest.files).filter((path) => !Object.hasOwn(files, path));
  if (missing.length > 0) {
    return { code: 'AW_SOURCE_INVALID', message: `the source lacks ${missing.join(', ')}, which the manifest lists` };
  }
  const unlisted = Object.keys(files).filter((path) => !Object.hasOwn(manifest.files, path));
  if (unlisted.length > 0) {
    return { code: 'AW_SOURCE_INVALID', message: `the manifest does not list ${unlisted.join(', ')}` };
  }
  for (const [path, expected] of Object.entries(manifest.files)) {
    const actual = textDigest(files[path] ?? '');
    if (actual === expected) continue;
    return { code: 'AW_DIGEST_MISMATCH', message: `${path} has ${actual}, the manifest lists ${expected}` };
  }
  return undefined;
}

function checkBundle(bundle: PluginBundle, expectedDigest: string | undefined): Outcome<CheckedBundle> {
  const json = canonicalBundle(bundle);
  const digest = textDigest(json);
  const bytes = Buffer.byteLength(json);
  if (bytes > maximumBundleBytes) return faulty('AW_SOURCE_TOO_LARGE', `the bundle has ${bytes} bytes as JSON`);
  if (expectedDigest !== undefined && expectedDigest !== digest) {
    return faulty('AW_DIGEST_MISMATCH', `the bundle has ${digest}, spec.source.digest is ${expectedDigest}`);
  }
  return { ok: true, value: { bundle, digest, json } };
}
