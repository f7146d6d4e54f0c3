import type { KubeObject, Resource } from '@autoweave/platform/kube';
import { KubeError } from '@autoweave/platform/kube';
import { kinds, type DaemonSet, type Deployment } from '../cluster/kinds.ts';
import type { Session } from '../session.ts';

/** Where AutoWeave is in the cluster, as far as the caller may see. */
export interface Installation {
  readonly operator: Deployment | undefined;
  readonly agents: DaemonSet | undefined;
  readonly systemNamespace: string;
  readonly nodeNamespace: string;
  /** Why one of them is unknown: the caller may not look. */
  readonly hidden: string | undefined;
}

const standardNamespaces = { system: 'autoweave-system', node: 'autoweave-node' } as const;
const selector = (component: string) => `app.kubernetes.io/name=autoweave,app.kubernetes.io/component=${component}`;

/** Looks everywhere by label; who may not do that looks by name in the namespaces that the chart uses by default. */
export async function findInstallation(session: Session): Promise<Installation> {
  const system = session.namespace ?? standardNamespaces.system;
  const [operator, agents] = await Promise.all([
    find<Deployment>(session, kinds.deployment, { component: 'operator', namespace: system }),
    find<DaemonSet>(session, kinds.daemonSet, { component: 'node-agent', namespace: standardNamespaces.node }),
  ]);
  return {
    operator: operator.found,
    agents: agents.found,
    systemNamespace: operator.found?.metadata.namespace ?? system,
    nodeNamespace: agents.found?.metadata.namespace ?? standardNamespaces.node,
    hidden: operator.hidden ?? agents.hidden,
  };
}

interface Search<T> {
  readonly found?: T;
  readonly hidden?: string;
}

interface Wanted {
  readonly component: string;
  readonly namespace: string;
}

async function find<T extends KubeObject>(
  { client, namespace: given, signal }: Session,
  resource: Resource,
  { component, namespace }: Wanted,
): Promise<Search<T>> {
  try {
    const { items } = await client.list<T>(resource, { labelSelector: selector(component) }, signal);
    const [first] = items.toSorted((left, right) => rank(left, given) - rank(right, given));
    return first === undefined ? {} : { found: first };
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
  }
  try {
    const found = await client.get<T>(resource, { name: `autoweave-${component}`, namespace }, signal);
    return found === undefined ? {} : { found };
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    return { hidden: error.message };
  }
}

function rank({ metadata }: KubeObject, namespace: string | undefined): number {
  return metadata.namespace === namespace ? 0 : 1;
}
