import { resources, type UsbNode } from '@autoweave/crds';
import { pluginVersion } from '../plugin-version.ts';
import { listAll } from '../cluster/list-all.ts';
import type { DaemonSet, Deployment } from '../cluster/kinds.ts';
import { groupBy } from '../tree/build-tree.ts';
import { ok, someOf, warn, type Check, type Finding } from './check-result.ts';

/** Whether operator, agents and this plugin are of one release. */
export const versionsCheck: Check = {
  name: 'versions',
  run: async ({ session, installation }) => {
    const { client, signal } = session;
    const { items } = await listAll(client, resources.usbNode, { keep: runningVersion, signal });
    return compareVersions({
      plugin: pluginVersion,
      operator: versionOf(installation.operator),
      agents: versionOf(installation.agents),
      running: items.flat(),
    });
  },
};

export interface Versions {
  readonly plugin: string;
  /** As its Deployment says. */
  readonly operator: string | undefined;
  /** As their DaemonSet says. */
  readonly agents: string | undefined;
  /** As the agents themselves say, by node. */
  readonly running: readonly RunningVersion[];
}

interface RunningVersion {
  readonly name: string;
  readonly version: string;
}

function runningVersion({ metadata, status }: UsbNode): readonly RunningVersion[] {
  return status?.agentVersion === undefined ? [] : [{ name: metadata.name, version: status.agentVersion }];
}

export function compareVersions({ plugin, operator, agents, running }: Versions): readonly Finding[] {
  const wanted = operator ?? agents ?? plugin;
  const others = groupBy(
    running.filter(({ version }) => version !== wanted),
    ({ version }) => version,
  );
  const findings = [...others].map(([version, nodes]) =>
    warn(
      `Agents of ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} (${someOf(nodes.map(({ name }) => name))}) are of version ${version}, ${operator === undefined ? 'expected' : 'the operator'} is ${wanted}`,
      'Wait until the rollout has ended; if it does not, see kubectl rollout status of the DaemonSet.',
    ),
  );
  if (operator !== undefined && agents !== undefined && operator !== agents) {
    findings.push(
      warn(`The operator is ${operator}, the agents are to be ${agents}`, 'Upgrade the release as a whole.'),
    );
  }
  if (plugin !== wanted) {
    findings.push(warn(`This plugin is ${plugin}, the cluster has ${wanted}`, `Install kubectl autoweave ${wanted}.`));
  }
  return findings.length === 0 ? [ok(`All are of version ${wanted}`)] : findings;
}

function versionOf(workload: Deployment | DaemonSet | undefined): string | undefined {
  return workload?.spec.template.metadata?.labels?.['app.kubernetes.io/version'];
}
