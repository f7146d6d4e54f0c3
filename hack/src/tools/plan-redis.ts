import type { FoundTool } from './plan-product.ts';
import { isAtLeast, type Version, versionText } from './version.ts';

export type RedisPlan =
  { readonly kind: 'use'; readonly path: string } | { readonly kind: 'install'; readonly rejected: readonly string[] };

/** Functions (FUNCTION LOAD) came with Redis 7.0; Valkey began with 7.2. */
const minimum: Version = [7, 0, 0];

/** `found` in the order of preference. */
export function planRedis(found: readonly FoundTool[]): RedisPlan {
  const rejected: string[] = [];
  for (const { path, version } of found) {
    if (version !== undefined && isAtLeast(version, minimum)) return { kind: 'use', path };
    const what = version === undefined ? 'does not tell its version' : `is ${versionText(version)}`;
    rejected.push(`${path} ${what}, ${versionText(minimum)} is needed`);
  }
  return { kind: 'install', rejected };
}
