import { createHash } from 'node:crypto';
import { labels, workloadNames, type AutoWeavePlugin } from '@autoweave/crds';
import {
  builtinResources,
  joinKey,
  type ApplyConfiguration,
  type KubeObject,
  type Resource,
} from '@autoweave/platform/kube';
import type { DaemonSet, Deployment, Job } from './kinds.ts';
import { pluginPodTemplate, type PluginPodWorld } from './plugin-pod.ts';
import { podLabels } from './pod-template.ts';

/** What is to be applied, and of which kind. */
export type PluginWorkload =
  | { readonly resource: typeof builtinResources.daemonSet; readonly object: ApplyConfiguration<DaemonSet> }
  | { readonly resource: typeof builtinResources.deployment; readonly object: ApplyConfiguration<Deployment> }
  | { readonly resource: typeof builtinResources.job; readonly object: ApplyConfiguration<Job> };

/** Of a Job: which state of the plugin it runs. The template of a Job cannot change, nor may it run twice. */
export const revisionAnnotation = 'autoweave.dev/revision';

/** What makes the pods of a plugin of runtime Pod. */
export function pluginWorkload(world: PluginPodWorld & { readonly replicas: number }): PluginWorkload {
  const { plugin, replicas } = world;
  const { name } = plugin.metadata;
  const template = pluginPodTemplate(world);
  const metadata = ownedMetadata(plugin);
  const selector = { matchLabels: { 'app.kubernetes.io/component': 'plugin', [labels.plugin]: name } };
  const kind = workloadKind(plugin);
  if (kind === 'Job') {
    const annotations = { [revisionAnnotation]: onceRevision(plugin) };
    const spec = {
      template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' as const } },
      ...jobRules,
    };
    return { resource: builtinResources.job, object: { metadata: { ...metadata, annotations }, spec } };
  }
  if (kind === 'Deployment') {
    const spread = { topologySpreadConstraints: [{ ...spreadOverNodes, labelSelector: selector }] };
    const spec = { replicas, selector, template: { ...template, spec: { ...template.spec, ...spread } }, ...history };
    return { resource: builtinResources.deployment, object: { metadata, spec } };
  }
  const spec = { selector, template, updateStrategy: nodeByNode, ...history };
  return { resource: builtinResources.daemonSet, object: { metadata, spec } };
}

export function workloadKind({ spec }: AutoWeavePlugin): 'DaemonSet' | 'Deployment' | 'Job' {
  if (spec.placement?.once === true) return 'Job';
  return spec.placement?.nodes === 'Any' ? 'Deployment' : 'DaemonSet';
}

/** The account that the pods run under; it has no rights, and tells the executor which plugin a pod belongs to. */
export function pluginAccount(plugin: AutoWeavePlugin): ApplyConfiguration<ServiceAccount> {
  return { metadata: ownedMetadata(plugin), automountServiceAccountToken: false };
}

export interface ServiceAccount extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
}

/** `namespace/name` of the workload. */
export function workloadKey({ metadata }: AutoWeavePlugin): string {
  return joinKey({ namespace: metadata.namespace, name: workloadNames.plugin(metadata.name) });
}

/** Kinds that may have been made for a plugin before it changed. */
export const workloadResources: readonly Resource[] = [
  builtinResources.daemonSet,
  builtinResources.deployment,
  builtinResources.job,
];

/** By what a Job counts as done: the limits of the policy may change without running it again. */
export function onceRevision({ metadata, spec, status }: AutoWeavePlugin): string {
  const basis = [metadata.uid, spec.pod, spec.placement?.nodes, status?.bundle?.digest];
  return createHash('sha256').update(JSON.stringify(basis)).digest('hex').slice(0, 16);
}

function ownedMetadata(plugin: AutoWeavePlugin) {
  const { name, namespace = '', uid = '' } = plugin.metadata;
  const owner = { apiVersion: plugin.apiVersion, kind: plugin.kind, name, uid, controller: true };
  return {
    name: workloadNames.plugin(name),
    namespace,
    labels: podLabels('plugin', name),
    ownerReferences: [owner],
  };
}

/** A bad image stops the change at a tenth of the nodes. */
export const nodeByNode = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } };

const history = { revisionHistoryLimit: 3 };

const spreadOverNodes = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' };

/** A drained node is no failure of the program. */
const jobRules = {
  backoffLimit: 3,
  podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] },
};
