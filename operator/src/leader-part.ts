import type { JobResult, PluginKey } from '@autoweave/crds';
import type { EventRecorder, KubeClient } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { ClusterState } from './cluster-state.ts';
import type { RunnerPods } from './workloads/runner-pods.ts';
import type { BundleStore, Clock, ExecutorPresence, Lanes, ResultStore } from './ports.ts';

/** Something that only the leader runs. It is started once. */
export interface LeaderPart {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

/** What the controllers stand on. */
export interface ControllerPorts {
  readonly client: KubeClient;
  /** Synced when the controllers are made. */
  readonly state: ClusterState;
  readonly bundles: BundleStore;
  readonly lanes: Lanes;
  readonly results: ResultStore;
  readonly executors: ExecutorPresence;
  /** Undefined where executors start runners as child processes. */
  readonly runnerPods: RunnerPods | undefined;
  /** Jobs without a device that wait for a plugin or run. */
  readonly backlog: (plugin: PluginKey) => Promise<number>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface Controllers extends LeaderPart {
  /** Something of the plugin ended: a hook, a job, a load. */
  resultRecorded(result: JobResult): void;
  /** An executor came, went, or is another. */
  executorsChanged(): void;
}
