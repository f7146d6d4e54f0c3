import { createHash } from 'node:crypto';
import { fieldManagers } from '@autoweave/crds';
import {
  builtinResources,
  type ApplyConfiguration,
  isAlreadyExists,
  joinKey,
  type KubeClient,
  type KubeObject,
  type Resource,
} from '@autoweave/platform/kube';
import type { ServiceAccount } from './plugin-workload.ts';

interface Written {
  readonly hash: string;
  readonly uid: string | undefined;
  readonly generation: number | undefined;
}

/** Changes workloads. Everything may be repeated without harm. Methods throw KubeError and KubeConnectionError. */
export class WorkloadEffects {
  readonly #client: KubeClient;
  /** What this process wrote last, and what came of it. */
  readonly #written = new Map<string, Written>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Whether the object, as the server has it, is what `apply` would make. */
  isApplied<T extends KubeObject>(resource: Resource, wanted: ApplyConfiguration<T>, live: T | undefined): boolean {
    const written = this.#written.get(keyOf(resource, wanted.metadata));
    if (written === undefined || live === undefined) return false;
    const { generation, uid } = live.metadata;
    return written.hash === hashOf(wanted) && written.uid === uid && written.generation === generation;
  }

  async apply<T extends KubeObject>(
    resource: Resource,
    wanted: ApplyConfiguration<NoInfer<T>>,
    signal: AbortSignal,
  ): Promise<void> {
    const options = { fieldManager: fieldManagers.operator, force: true };
    const { metadata } = await this.#client.apply<T>(resource, wanted, options, signal);
    const { generation, uid } = metadata;
    this.#written.set(keyOf(resource, wanted.metadata), { hash: hashOf(wanted), uid, generation });
  }

  async delete(resource: Resource, live: KubeObject, signal: AbortSignal): Promise<void> {
    const { name, namespace, uid } = live.metadata;
    this.#written.delete(keyOf(resource, live.metadata));
    const preconditions = uid === undefined ? undefined : { uid };
    await this.#client.delete(resource, { name, namespace, preconditions, propagationPolicy: 'Background' }, signal);
  }

  /** One that is there already, perhaps from the chart, stays as it is. */
  async createAccount(account: ApplyConfiguration<ServiceAccount>, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.create<ServiceAccount>(builtinResources.serviceAccount, account, signal);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  /** What the newest Event says about why a workload gets no pods; undefined when there is none. */
  async creationFailure({ metadata }: KubeObject, signal: AbortSignal): Promise<string | undefined> {
    const { namespace, uid = '' } = metadata;
    const fieldSelector = `involvedObject.uid=${uid},reason=FailedCreate`;
    const { items } = await this.#client.list<FailureEvent>(coreEvent, { namespace, fieldSelector }, signal);
    const latest = items.toSorted((left, right) => timeOf(right) - timeOf(left))[0];
    return latest?.message;
  }
}

/** The controllers of Kubernetes write Events of the core group. */
const coreEvent: Resource = { ...builtinResources.event, group: '' };

interface FailureEvent extends KubeObject {
  readonly message?: string;
  readonly lastTimestamp?: string | null;
}

function timeOf({ lastTimestamp }: FailureEvent): number {
  return Date.parse(lastTimestamp ?? '') || 0;
}

function keyOf(
  { plural }: Resource,
  { name, namespace }: { readonly name: string; readonly namespace?: string | undefined },
): string {
  return `${plural}/${joinKey({ namespace, name })}`;
}

function hashOf(object: object): string {
  return createHash('sha256').update(JSON.stringify(object)).digest('hex');
}
