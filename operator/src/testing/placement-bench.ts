import { defaultPolicyName, resources, type AutoWeavePolicy } from '@autoweave/crds';
import { chartRoles, type ControlPlane, type PolicyRule, startControlPlane } from '@autoweave/hack/testing';
import {
  builtinResources,
  KubeClient,
  type KubeObject,
  loadClusterAccess,
  type Resource,
} from '@autoweave/platform/kube';
import { onTestFinished } from 'vitest';
import type { RunnerPods } from '../workloads/runner-pods.ts';
import { PlacementWorld } from './placement-world.ts';
import { createNamespace } from './test-objects.ts';

export interface WorldOptions {
  /** One that is there already. */
  readonly namespace?: string;
  readonly runnerPods?: Partial<RunnerPods>;
  /** A resource that the operator may only read. */
  readonly without?: string;
}

const operatorName = 'system:serviceaccount:autoweave-system:autoweave-operator';
const manager = { fieldManager: 'admin' };
const rbac = 'rbac.authorization.k8s.io';

/**
 * A cluster of its own, since its policy and the rights of the operator are those of the whole cluster: the operator has
 * what the chart gives it, and nothing else.
 */
export class PlacementBench {
  readonly admin: KubeClient;
  readonly #plane: ControlPlane;
  #worlds = 0;

  private constructor(plane: ControlPlane, admin: KubeClient) {
    this.#plane = plane;
    this.admin = admin;
  }

  static async start(): Promise<PlacementBench> {
    const plane = await startControlPlane();
    const admin = new KubeClient(await loadClusterAccess({ kubeconfigPath: plane.kubeconfigPath }));
    const spec = { plugins: { allowUnsigned: [{ namespace: '*' }] } };
    await admin.apply<AutoWeavePolicy>(
      resources.autoWeavePolicy,
      { metadata: { name: defaultPolicyName }, spec },
      manager,
    );
    const bench = new PlacementBench(plane, admin);
    await bench.#grant(chartRules('autoweave-operator'));
    await bench.#grant(chartRules('autoweave-operator-plugins'), 'kube-public');
    return bench;
  }

  async stop(): Promise<void> {
    this.admin.close();
    await this.#plane.stop();
  }

  /** In a namespace of its own that enforces Pod Security restricted. */
  async world({ namespace, runnerPods = {}, without }: WorldOptions = {}): Promise<PlacementWorld> {
    const access = await loadClusterAccess({ kubeconfigPath: this.#plane.kubeconfigPath });
    const operator = new KubeClient({ ...access, headers: { ...access.headers, 'Impersonate-User': operatorName } });
    onTestFinished(() => operator.close());
    const { admin } = this;
    const place = namespace ?? (await this.#makeNamespace(without));
    return new PlacementWorld({ admin, operator, namespace: place, runnerPods }).start();
  }

  async #makeNamespace(without: string | undefined): Promise<string> {
    this.#worlds += 1;
    const name = `placement-${this.#worlds}`;
    await createNamespace(this.admin, name);
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await this.admin.apply<KubeObject>(builtinResources.namespace, { metadata: { name, labels } }, manager);
    const rules = chartRules('autoweave-operator-plugins');
    const isLess = ({ resources: named }: PolicyRule): boolean => without !== undefined && named.includes(without);
    await this.#grant(
      rules.map((rule) => (isLess(rule) ? { ...rule, verbs: ['list', 'watch'] } : rule)),
      name,
    );
    return name;
  }

  async #grant(rules: readonly PolicyRule[], namespace?: string): Promise<void> {
    const scope = namespace === undefined ? 'Cluster' : '';
    const metadata = { name: 'operator', namespace };
    await this.admin.apply<Role>(rbacResource(`${scope}Role`), { metadata, rules }, manager);
    const roleRef = { apiGroup: rbac, kind: `${scope}Role`, name: 'operator' };
    const subjects = [{ apiGroup: rbac, kind: 'User', name: operatorName }];
    await this.admin.apply<Binding>(rbacResource(`${scope}RoleBinding`), { metadata, roleRef, subjects }, manager);
  }
}

type Role = KubeObject & { readonly rules: readonly PolicyRule[] };
type Binding = KubeObject & { readonly roleRef: object; readonly subjects: readonly object[] };

function rbacResource(kind: string): Resource {
  return {
    group: rbac,
    version: 'v1',
    plural: `${kind.toLowerCase()}s`,
    kind,
    namespaced: !kind.startsWith('Cluster'),
  };
}

/** What the chart lets the operator do. */
function chartRules(role: string): readonly PolicyRule[] {
  return chartRoles('operator').flatMap(({ name, rules }) => (name === role ? rules : []));
}
