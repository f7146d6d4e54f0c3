import type { Session } from '../session.ts';

/** One thing somebody may do. */
export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Whether the caller, or `user`, may do it. @throws KubeError when the caller may not ask about `user`. */
export async function mayDo({ client, signal }: Session, permission: Permission, user?: string): Promise<boolean> {
  const kind = user === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  const who = user === undefined ? {} : { user, groups: groupsOf(user) };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec: { ...who, resourceAttributes: permission } };
  const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`;
  const text = await client.request({ method: 'POST', path, body: JSON.stringify(body), signal });
  const review: { readonly status?: { readonly allowed?: boolean } } = JSON.parse(text);
  return review.status?.allowed === true;
}

/** e.g. `patch usbdevices/status`, `list pods in namespace autoweave-node` */
export function permissionText({ verb, resource, subresource, namespace }: Permission): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${what}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

function groupsOf(user: string): readonly string[] {
  const [, , namespace = ''] = user.split(':');
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}
