export { builtinResources } from './builtin-resources.ts';
export type { ClusterAccess } from './cluster-access.ts';
export { KubeClient } from './kube-client.ts';
export type {
  ApplyOptions,
  DeleteOptions,
  KubeClientOptions,
  ListOptions,
  ObjectName,
  RawRequest,
  Selection,
  WatchOptions,
} from './kube-client.ts';
export { isAlreadyExists, isConflict, isExpired, isNotFound, KubeConnectionError, KubeError } from './kube-error.ts';
export type { StatusDetails } from './kube-error.ts';
export type {
  ApplyConfiguration,
  KubeObject,
  ObjectList,
  Partially,
  UntypedObject,
  WatchEvent,
} from './kube-object.ts';
export { listKubeconfigContexts, loadClusterAccess } from './load-cluster-access.ts';
export type { LoadClusterAccessOptions } from './load-cluster-access.ts';
export { joinKey, objectKey } from './object-key.ts';
export { groupVersionOf, resourcePath } from './resource.ts';
export type { Resource, ResourceTarget } from './resource.ts';
export { findCondition, isConditionTrue, removeCondition, setCondition } from './conditions.ts';
export type { DesiredCondition } from './conditions.ts';
export { Controller } from './controller.ts';
export type { ControllerOptions, KeyMapper } from './controller.ts';
export { EventRecorder } from './event-recorder.ts';
export type { EventObject, EventRecorderOptions, RecordedEvent } from './event-recorder.ts';
export { Informer } from './informer.ts';
export type { ChangeListener, InformerOptions } from './informer.ts';
export { LeaderElector } from './leader-elector.ts';
export type { LeaderElectorOptions, LeadershipCallbacks, LeadershipEnd } from './leader-elector.ts';
export type { Lease, LeaseSpec } from './lease.ts';
export { microTime } from './micro-time.ts';
export { StalledError, WaitError } from './reconcile-errors.ts';
export { semanticEqual } from './semantic-equal.ts';
export { reviewToken } from './token-review.ts';
export type { TokenReviewSpec, TokenReviewStatus } from './token-review.ts';
export { WorkQueue } from './work-queue.ts';
export type { Reconcile, ReconcileResult, WorkerOptions, WorkQueueOptions } from './work-queue.ts';
