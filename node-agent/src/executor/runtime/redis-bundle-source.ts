import { bundleDigest, type PluginBundle, redisKeys, textDigest } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { Redis } from '@autoweave/platform/redis';
import type { BundleSource } from '../ports.ts';

/** Bundles as the operator publishes them, each checked again: Redis is not what vouches for them. */
export class RedisBundleSource implements BundleSource {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async fetch(digest: string): Promise<PluginBundle> {
    const json = await this.#redis.get(redisKeys.bundle(digest));
    if (json === null) throw new AutoWeaveError('AW_BUNDLE_MISSING', `there is no bundle ${digest} in Redis`);
    return verifiedBundle(json, digest);
  }
}

/** @throws AutoWeaveError AW_DIGEST_MISMATCH naming what differs */
export function verifiedBundle(json: string, digest: string): PluginBundle {
  const actual = textDigest(json);
  if (actual !== digest) throw mismatch('the bundle', digest, actual);
  const bundle = JSON.parse(json) as PluginBundle;
  // A text that is not canonical could have the digest of the text and another meaning to who canonicalises.
  if (bundleDigest(bundle) !== digest) throw mismatch('the canonical bundle', digest, bundleDigest(bundle));
  const { manifest, files } = bundle;
  for (const path of new Set([...Object.keys(files), ...Object.keys(manifest.files)])) {
    const file = files[path];
    const listed = manifest.files[path];
    const found = file === undefined ? 'no file' : textDigest(file);
    if (listed !== found) throw mismatch(`file ${path}`, listed ?? 'not listed', found);
  }
  return bundle;
}

function mismatch(what: string, expected: string, actual: string): AutoWeaveError {
  return new AutoWeaveError('AW_DIGEST_MISMATCH', `${what} should be ${expected}, and is ${actual}`);
}
