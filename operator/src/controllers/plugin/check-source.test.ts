import { bundleDigest, textDigest } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { checkSource } from './check-source.ts';
import type { SourceFiles } from './resolve-source.ts';
import { sampleFiles } from './testing/sample-plugin.ts';

function fault(files: SourceFiles, digest?: string): string {
  const outcome = checkSource(files, { digest });
  return outcome.ok ? 'none' : `${outcome.fault.code}: ${outcome.fault.message}`;
}

describe('the source of a plugin', () => {
  it('becomes a bundle of its files without the manifest', () => {
    const outcome = checkSource(sampleFiles());
    if (!outcome.ok) throw new Error(outcome.fault.message);
    const { bundle, digest, json } = outcome.value;

    expect(bundle.files).toEqual({ 'index.js': 'export default {};\n' });
    expect(bundle.manifest.name).toBe('greeter');
    expect(digest).toBe(bundleDigest(bundle));
    expect(textDigest(json)).toBe(digest);
    expect(fault(sampleFiles(), digest)).toBe('none');
  });

  it('is refused without a manifest', () => {
    expect(fault({})).toBe('AW_MANIFEST_MISSING: the source has no file at all, but not autoweave.plugin.json');
    expect(fault({ 'index.js': '' })).toBe(
      'AW_MANIFEST_MISSING: the source has index.js, but not autoweave.plugin.json',
    );
  });

  it('is refused with a wrong manifest, by its field', () => {
    expect(fault(sampleFiles({ version: 'latest' }))).toMatch(
      /^AW_MANIFEST_INVALID: version is "latest"; give a semantic/,
    );
    expect(fault({ 'autoweave.plugin.json': 'nonsense' })).toMatch(
      /^AW_MANIFEST_INVALID: the value is "nonsense"; give JSON/,
    );
  });

  it('needs no entry, nor any file, when an image is the plugin', () => {
    const { 'autoweave.plugin.json': manifest } = sampleFiles({ files: {} });
    const { entry: _entry, ...withoutEntry } = JSON.parse(manifest ?? '') as Record<string, unknown>;
    const files = { 'autoweave.plugin.json': JSON.stringify(withoutEntry) };
    expect(checkSource(files, { hasImage: true })).toMatchObject({ ok: true, value: { bundle: { files: {} } } });
    expect(fault(files)).toBe(
      'AW_MANIFEST_INVALID: entry is missing; name the ES module that exports the plugin, or give spec.pod.image',
    );
  });

  it('is refused with a file too few or too many', () => {
    const listed = { 'index.js': textDigest('export default {};\n'), 'data.json': textDigest('{}') };
    expect(fault(sampleFiles({ files: listed }))).toBe(
      'AW_SOURCE_INVALID: the source lacks data.json, which the manifest lists',
    );
    expect(fault({ ...sampleFiles(), 'readme.md': '', 'notes.txt': '' })).toBe(
      'AW_SOURCE_INVALID: the manifest does not list readme.md, notes.txt',
    );
  });

  it('is refused when a file is not the one that the manifest lists', () => {
    const files = { ...sampleFiles(), 'index.js': 'export default { onAttach() {} };\n' };
    expect(fault(files)).toMatch(/^AW_DIGEST_MISMATCH: index.js has sha256:[0-9a-f]{64}, the manifest lists sha256:/);
  });

  it('is refused when it is not the one that spec.source.digest pins', () => {
    const pinned = `sha256:${'0'.repeat(64)}`;
    expect(fault(sampleFiles(), pinned)).toMatch(
      /^AW_DIGEST_MISMATCH: the bundle has sha256:[0-9a-f]{64}, spec.source.digest is sha256:0{64}$/,
    );
  });

  it('is refused above 512 KiB, counted in UTF-8', () => {
    const code = 'ä'.repeat(256 * 1024);
    expect(fault(sampleFiles({}, code))).toMatch(/^AW_SOURCE_TOO_LARGE: the files have 52\d{4} bytes together$/);
  });

  it('is refused when it would not go into one message to a runner', () => {
    expect(fault(sampleFiles({}, '\u0001'.repeat(500_000)))).toMatch(
      /^AW_SOURCE_TOO_LARGE: the bundle has 300\d{4} bytes as JSON$/,
    );
  });
});
