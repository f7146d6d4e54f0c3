import type { KubeClient, KubeObject, Resource } from '@autoweave/platform/kube';

export interface Listing {
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Of one request. Default 500. */
  readonly pageSize?: number;
}

export interface ListRequest<T, Kept> extends Listing {
  /** What is held of an object. */
  readonly keep: (object: T) => Kept;
  readonly signal: AbortSignal;
}

/** Every object of a kind, page by page; only what `keep` makes of each is held. */
export async function listAll<T extends KubeObject, Kept>(
  client: KubeClient,
  resource: Resource,
  options: ListRequest<T, Kept>,
): Promise<{ readonly items: readonly Kept[]; readonly resourceVersion: string }> {
  const { keep, signal, pageSize: limit = 500, ...selection } = options;
  const items: Kept[] = [];
  let token: string | undefined;
  for (;;) {
    const page = await client.list<T>(resource, { ...selection, limit, continue: token }, signal);
    for (const object of page.items) items.push(keep(object));
    token = page.continue;
    if (token === undefined) return { items, resourceVersion: page.resourceVersion };
  }
}
