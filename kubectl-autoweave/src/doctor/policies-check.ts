import { defaultPolicyName, resources } from '@autoweave/crds';
import type { KubeObject } from '@autoweave/platform/kube';
import { kinds } from '../cluster/kinds.ts';
import { ok, someOf, warn, type Check, type DoctorWorld, type Finding } from './check-result.ts';

/** Of the chart: they hold agents and operator to what is theirs. */
const admissionPolicies = ['autoweave-node-agent', 'autoweave-operator-nodes'];

/** Whether the rules of the cluster are there: ours, and those that the API server enforces on us. */
export const policiesCheck: Check = {
  name: 'policies',
  run: async (world) => [...(await judgeDefault(world)), ...(await judgeAdmission(world))],
};

async function judgeDefault({ session }: DoctorWorld): Promise<readonly Finding[]> {
  const { client, signal } = session;
  const policy = await client.get(resources.autoWeavePolicy, { name: defaultPolicyName }, signal);
  if (policy !== undefined) return [ok(`AutoWeavePolicy ${defaultPolicyName} is there`)];
  const remedy = 'Create it and name the namespaces in spec.plugins.allowUnsigned; see docs/plugins.md.';
  return [warn(`There is no AutoWeavePolicy ${defaultPolicyName}, so no unsigned plugin runs`, remedy)];
}

interface Binding extends KubeObject {
  readonly spec?: { readonly policyName?: string; readonly validationActions?: readonly string[] };
}

async function judgeAdmission({ session, installation }: DoctorWorld): Promise<readonly Finding[]> {
  if (installation.operator === undefined && installation.agents === undefined) return [];
  const { client, signal } = session;
  const [policies, bindings] = await Promise.all([
    client.list(kinds.admissionPolicy, {}, signal),
    client.list<Binding>(kinds.admissionBinding, {}, signal),
  ]);
  const present = new Set(policies.items.map(({ metadata }) => metadata.name));
  const denying = bindings.items.filter(({ spec }) => spec?.validationActions?.includes('Deny'));
  const bound = new Set(denying.map(({ spec }) => spec?.policyName));
  const missing = admissionPolicies.filter((name) => !present.has(name) || !bound.has(name));
  if (missing.length === 0)
    return [ok('Agents and operator are held to what is theirs by ValidatingAdmissionPolicies')];
  const remedy = 'Install the chart with its admission policies, or one broken node can write the state of all.';
  return [warn(`ValidatingAdmissionPolicy or binding missing: ${someOf(missing)}`, remedy)];
}
