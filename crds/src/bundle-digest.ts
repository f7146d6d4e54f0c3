import { createHash } from 'node:crypto';
import type { PluginBundle } from './job.ts';

/** The one text of a bundle: JSON with sorted keys (by UTF-16 units) and without spaces. */
export function canonicalBundle(bundle: PluginBundle): string {
  return JSON.stringify({ files: bundle.files, manifest: bundle.manifest }, sortedKeys);
}

/** `sha256:<64 hex>` of the canonical text. */
export function bundleDigest(bundle: PluginBundle): string {
  return textDigest(canonicalBundle(bundle));
}

/** `sha256:<64 hex>` of a text as UTF-8, as a manifest lists it for each file. */
export function textDigest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
