import { canonicalBundle, textDigest } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { bundleOf } from '../testing/executor-bench.ts';
import { verifiedBundle } from './redis-bundle-source.ts';

const bundle = bundleOf('export default {};');
const json = canonicalBundle(bundle);
const mismatch = (message: string): object => ({
  code: 'AW_DIGEST_MISMATCH',
  message: expect.stringContaining(message),
});

describe('a bundle right before it is loaded', () => {
  it('is what its digest says', () => {
    expect(verifiedBundle(json, textDigest(json))).toEqual(bundle);
  });

  it.each([
    ['another text', `${json} `, textDigest(json), 'the bundle should be'],
    ['another order of keys', JSON.stringify(bundle), textDigest(JSON.stringify(bundle)), 'the canonical bundle'],
  ])('is refused as %s', (_, text, digest, message) => {
    expect(() => verifiedBundle(text, digest)).toThrow(expect.objectContaining(mismatch(message)));
  });

  it.each([
    [
      'a file that is not the listed one',
      { 'index.js': 'export default { evil: 1 };' },
      'file index.js should be sha256:',
    ],
    ['a file that is not listed', { ...bundle.files, 'more.js': '' }, 'file more.js should be not listed'],
    ['a listed file that is missing', {}, 'and is no file'],
  ])('is refused with %s', (_, files, message) => {
    const text = canonicalBundle({ ...bundle, files });
    expect(() => verifiedBundle(text, textDigest(text))).toThrow(expect.objectContaining(mismatch(message)));
  });
});
