import { describe, expect, it } from 'vitest';
import { bundleDigest, canonicalBundle, type PluginBundle, textDigest } from './index.ts';

const bundle: PluginBundle = {
  manifest: {
    manifestVersion: 1,
    name: 'a',
    version: '1.0.0',
    entry: 'index.js',
    files: { 'index.js': `sha256:${'0'.repeat(64)}`, 'b.js': `sha256:${'1'.repeat(64)}` },
  },
  files: { 'index.js': 'export default { a: "ä" };\n', 'b.js': '' },
};

const reordered: PluginBundle = {
  files: { 'b.js': '', 'index.js': 'export default { a: "ä" };\n' },
  manifest: {
    files: { 'b.js': `sha256:${'1'.repeat(64)}`, 'index.js': `sha256:${'0'.repeat(64)}` },
    entry: 'index.js',
    version: '1.0.0',
    name: 'a',
    manifestVersion: 1,
  },
};

describe('the digest of a bundle', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalBundle(reordered)).toBe(canonicalBundle(bundle));
    expect(bundleDigest(reordered)).toBe(bundleDigest(bundle));
  });

  it('never changes for the same content: it is pinned in spec.source.digest', () => {
    expect(bundleDigest(bundle)).toBe('sha256:4fcf5432b7c3357bbab5f4a7f9be76acec9484538b1f2660f905e14d1b92e601');
  });

  it('changes with any content', () => {
    const others: PluginBundle[] = [
      { ...bundle, files: { ...bundle.files, 'b.js': ' ' } },
      { ...bundle, manifest: { ...bundle.manifest, version: '1.0.1' } },
      { ...bundle, manifest: { ...bundle.manifest, permissions: {} } },
    ];
    expect(new Set([bundle, ...others].map(bundleDigest)).size).toBe(4);
  });

  it('survives a way through JSON', () => {
    const received: PluginBundle = JSON.parse(canonicalBundle(bundle));
    expect(bundleDigest(received)).toBe(bundleDigest(bundle));
  });
});

describe('the digest of a text', () => {
  it('is that of its UTF-8 bytes, as sha256sum prints it', () => {
    expect(textDigest('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(textDigest('ä')).toBe('sha256:33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc');
  });
});
