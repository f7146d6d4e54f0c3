import type { ProductImage } from './product-images.ts';
import type { SourceState } from './source-state.ts';

/** See https://github.com/opencontainers/image-spec/blob/main/annotations.md. */
export function imageLabels({ title }: ProductImage, source: SourceState): Record<string, string> {
  const { version, revision, epoch } = source;
  const created = new Date(epoch * 1000).toISOString();
  const description = 'USB devices as first-class citizens of a Kubernetes cluster';
  const values = { title, description, version, created, licenses: 'Apache-2.0', revision };
  const known = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [`org.opencontainers.image.${name}`, value]));
}
