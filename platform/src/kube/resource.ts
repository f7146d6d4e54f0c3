/** One kind the API server serves. `group` is empty for the core group. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface ResourceTarget {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** `v1`, `coordination.k8s.io/v1` */
export function groupVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/**
 * The path of an object, or of a collection when there is no name. A namespaced collection without a namespace is
 * that of the whole cluster.
 *
 * @throws TypeError when an object of a namespaced kind lacks its namespace: a bug of the caller.
 */
export function resourcePath(resource: Resource, target: ResourceTarget): string {
  if (resource.namespaced && target.name !== undefined && !target.namespace) {
    throw new TypeError(`${resource.kind} ${target.name} needs a namespace`);
  }
  const segments = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version];
  if (resource.namespaced && target.namespace) segments.push('namespaces', target.namespace);
  segments.push(resource.plural);
  if (target.name !== undefined) segments.push(target.name);
  if (target.subresource !== undefined) segments.push(target.subresource);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}
