import type { Platform } from './platform.ts';
import type { Product } from './products.ts';
import { releaseFiles } from './releases.ts';
import { isAtLeast, type Version, versionText } from './version.ts';

/** A place where the tools of a product may be, in the order of preference. */
export interface Candidate<Tool extends string> {
  readonly origin: string;
  readonly tools: Partial<Record<Tool, FoundTool>>;
}

export interface FoundTool {
  readonly path: string;
  /** Undefined when the tool did not tell. */
  readonly version: Version | undefined;
}

export type Attempt = 'download' | 'build';

export type ProductPlan<Tool extends string> =
  | { readonly kind: 'use'; readonly paths: Record<Tool, string>; readonly origin: string }
  | { readonly kind: 'get'; readonly attempts: readonly Attempt[]; readonly rejected: readonly string[] };

/** Uses the first place that has every tool of the product, new enough; else says how to get them, in order. */
export function planProduct<Tool extends string>(
  product: Product<Tool>,
  candidates: readonly Candidate<Tool>[],
  platform: Platform,
): ProductPlan<Tool> {
  const rejected: string[] = [];
  for (const candidate of candidates) {
    const reasons = product.tools.flatMap((tool) => reasonAgainst(tool, candidate.tools[tool], product.minimum));
    if (reasons.length === 0) return { kind: 'use', paths: pathsOf(product, candidate), origin: candidate.origin };
    rejected.push(`${candidate.origin}: ${reasons.join(', ')}`);
  }
  // Released servers exist for Linux only; Go builds them anywhere.
  const isReleased = platform.system === 'linux' && releaseFiles(product, platform).length > 0;
  const attempts: readonly Attempt[] = isReleased ? ['download', 'build'] : ['build'];
  return { kind: 'get', attempts, rejected };
}

function reasonAgainst(tool: string, found: FoundTool | undefined, minimum: Version): string[] {
  if (found === undefined) return [`no ${tool}`];
  if (found.version === undefined) return [`${found.path} does not tell its version`];
  if (isAtLeast(found.version, minimum)) return [];
  return [`${found.path} is ${versionText(found.version)}, older than ${versionText(minimum)}`];
}

function pathsOf<Tool extends string>(product: Product<Tool>, candidate: Candidate<Tool>): Record<Tool, string> {
  const paths = product.tools.map((tool) => [tool, candidate.tools[tool]?.path ?? '']);
  return Object.fromEntries(paths) as Record<Tool, string>;
}
