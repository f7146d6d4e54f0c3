import type { ObjectMeta } from '@autoweave/crds';
import { builtinResources, Informer, type KubeClient, type KubeObject, type Resource } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { DaemonSet, Deployment, Job, Pod } from './kinds.ts';
import { managedBy } from './pod-template.ts';

export interface WorkloadStateOptions {
  readonly client: KubeClient;
  /** Where plugins may have pods; empty: everywhere. Nothing else is read. */
  readonly namespaces: readonly string[];
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** The pods of plugins, and what makes them, as the API server has them. */
export class WorkloadState {
  readonly daemonSets: readonly Informer<DaemonSet>[];
  readonly deployments: readonly Informer<Deployment>[];
  readonly jobs: readonly Informer<Job>[];
  readonly pods: readonly Informer<Pod>[];

  constructor(options: WorkloadStateOptions) {
    const { namespaces } = options;
    const follow = <T extends KubeObject>(resource: Resource, transform?: (object: T) => T): readonly Informer<T>[] => {
      const shared = { ...options, resource, labelSelector: `app.kubernetes.io/managed-by=${managedBy}` };
      const places = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
      return places.map(
        (place) => new Informer<T>({ ...shared, ...place, ...(transform === undefined ? {} : { transform }) }),
      );
    };
    this.daemonSets = follow<DaemonSet>(builtinResources.daemonSet);
    this.deployments = follow<Deployment>(builtinResources.deployment);
    this.jobs = follow<Job>(builtinResources.job);
    this.pods = follow<Pod>(builtinResources.pod, strippedPod);
  }

  informers(): readonly Pick<Informer, 'start' | 'stop' | 'whenSynced' | 'hasSynced'>[] {
    return [...this.daemonSets, ...this.deployments, ...this.jobs, ...this.pods];
  }

  /** @param key `namespace/name` */
  daemonSet(key: string): DaemonSet | undefined {
    return found(this.daemonSets, key);
  }

  deployment(key: string): Deployment | undefined {
    return found(this.deployments, key);
  }

  job(key: string): Job | undefined {
    return found(this.jobs, key);
  }
}

function found<T extends KubeObject>(informers: readonly Informer<T>[], key: string): T | undefined {
  for (const informer of informers) {
    const object = informer.get(key);
    if (object !== undefined) return object;
  }
  return undefined;
}

/** Pods are large and change often. */
function strippedPod({ apiVersion, kind, metadata, spec, status }: Pod): Pod {
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = status ?? {};
  return {
    apiVersion,
    kind,
    metadata: strippedMetadata(metadata),
    spec: spec?.nodeName === undefined ? {} : { nodeName: spec.nodeName },
    status: { conditions, containerStatuses, initContainerStatuses },
  };
}

function strippedMetadata(metadata: ObjectMeta): ObjectMeta {
  const { deletionTimestamp, labels = {}, name, namespace = '', resourceVersion = '', uid = '' } = metadata;
  const deletion = deletionTimestamp === undefined ? {} : { deletionTimestamp };
  return { name, namespace, uid, resourceVersion, labels, ...deletion };
}
