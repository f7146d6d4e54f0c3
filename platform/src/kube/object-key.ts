/** `namespace/name`, or `name` for a cluster-scoped object. */
export function objectKey(object: { metadata: { name?: string | undefined; namespace?: string | undefined } }): string {
  return joinKey({ name: object.metadata.name ?? '', namespace: object.metadata.namespace });
}

export function joinKey(parts: { name: string; namespace?: string | undefined }): string {
  return parts.namespace ? `${parts.namespace}/${parts.name}` : parts.name;
}
