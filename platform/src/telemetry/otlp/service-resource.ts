import { randomUUID } from 'node:crypto';
import { detectResources, envDetector, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { autoweaveVersion } from '../version.ts';

/** What all spans and metrics of this process have in common. OTEL_RESOURCE_ATTRIBUTES adds to it, and wins. */
export function serviceResource({ service, node }: { readonly service: string; readonly node?: string }): Resource {
  const own = resourceFromAttributes({
    'service.namespace': 'autoweave',
    'service.name': service,
    'service.version': autoweaveVersion,
    'service.instance.id': randomUUID(),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    ...(node === undefined ? {} : { 'k8s.node.name': node }),
  });
  return own.merge(detectResources({ detectors: [envDetector] }));
}
