import type { PluginManifest } from '../job.ts';
import { parseJson } from './parse-json.ts';
import { isPluginManifest } from './schemas.ts';
import { failed, failure, type Parsed, schemaFailure } from './validation-failure.ts';

export const manifestFileName = 'autoweave.plugin.json';

/** The manifest in a text. */
export function parsePluginManifest(text: string): Parsed<PluginManifest> {
  const parsed = parseJson(text);
  return parsed.ok ? checkPluginManifest(parsed.value) : parsed;
}

function checkPluginManifest(value: unknown): Parsed<PluginManifest> {
  if (!isPluginManifest(value)) return failed(schemaFailure(isPluginManifest.errors));
  const { entry, files } = value;
  const ownDigest = files[manifestFileName];
  if (ownDigest !== undefined) {
    const field = `files["${manifestFileName}"]`;
    return failed(failure(field, ownDigest, 'remove it, a file cannot hold its own digest'));
  }
  if (entry !== undefined && !Object.hasOwn(files, entry)) {
    return failed(failure('entry', entry, `name one of files: ${Object.keys(files).join(', ')}`));
  }
  return { ok: true, value };
}
