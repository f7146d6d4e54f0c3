import type { ChartValue } from './chart-values.ts';
import { valuesTable } from './values-table.ts';

/** README.md of the chart, unformatted. */
export function readmeText(values: readonly ChartValue[]): string {
  return `${introduction}\n## Values\n\n${valuesTable(values)}\n`;
}

const introduction = `# AutoWeave

<!-- Generated from values.yaml by \`npm run generate\`; do not edit. -->

USB devices as first-class citizens of a Kubernetes cluster: every device in one list, every plug and unplug told at once, and code that
runs where the device is. Kubernetes 1.34 or newer; Helm 3.14 or newer, or Helm 4.

    helm install autoweave charts/autoweave --namespace autoweave-system --create-namespace
    helm test autoweave --namespace autoweave-system --logs

More: [installing](../../docs/install.md), [upgrading and uninstalling](../../docs/upgrading.md),
[namespaces and Pod Security](../../docs/adr/0011-namespaces-and-pod-security.md).

## What it installs

| where | what |
| --- | --- |
| the release's namespace, \`autoweave-system\` | the operator (two replicas, one leads) and, unless you bring your own, Redis |
| \`autoweave-node\` | the node agents: a DaemonSet with the containers \`agent\` and \`executor\` |
| \`autoweave-plugins\` | where plugins are, and their pods |
| the cluster | four kinds, roles, and two ValidatingAdmissionPolicies that keep agents and operator to what is theirs |

Names are fixed: a cluster has one AutoWeave. No pod is privileged, has a capability, or mounts anything of its node, unless a value asks for it.
`;
