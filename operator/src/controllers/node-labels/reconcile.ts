import type { UsbDevice } from '@autoweave/crds';
import { isConflict, type ReconcileResult, semanticEqual } from '@autoweave/platform/kube';
import { type ClusterNode, ownLabels } from '../../cluster-node.ts';
import type { Clock } from '../../ports.ts';
import type { DeviceLabels } from './device-labels.ts';
import {
  type Labels,
  type Memory,
  planNodeLabels,
  type NodeLabelsPlan,
  type PlacementTerms,
  type Sighting,
} from './plan.ts';

export interface NodeLabelsReconcilerOptions {
  readonly node: (name: string) => ClusterNode | undefined;
  /** Those that are or were there. */
  readonly devicesAt: (nodeName: string) => readonly UsbDevice[];
  readonly deviceLabels: DeviceLabels;
  readonly placements: () => ReadonlyMap<string, PlacementTerms>;
  readonly apply: (node: ClusterNode, labels: Labels, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

/** First change at once, then at most one a second: a node of flapping devices must not busy the API server. */
const writeIntervalMilliseconds = 1_000;
/** Clocks change; and a timer of Node cannot wait for a month. */
const longestWaitMilliseconds = 3_600_000;

interface NodeMemory {
  readonly labels: Memory;
  /** The last write: what it said, over which version of the node, and when. */
  readonly written?: { readonly over: ClusterNode; readonly labels: Labels; readonly at: number };
}

/** One pass over one node: plan its labels, write them when they differ. */
export class NodeLabelsReconciler {
  readonly #options: NodeLabelsReconcilerOptions;
  readonly #memories = new Map<string, NodeMemory>();

  constructor(options: NodeLabelsReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { clock, node: find } = this.#options;
    const node = find(name);
    if (node === undefined) {
      this.#memories.delete(name);
      return {};
    }
    const now = clock.now();
    const known = this.#known(node);
    const plan = this.#plan(node, known, now);
    const memory: NodeMemory = { ...this.#memories.get(name), labels: plan.memory };
    this.#memories.set(name, memory);
    const wait = { requeueAfterMilliseconds: waitTime(plan.dueAt, now) };
    if (semanticEqual(plan.labels, known)) return wait;
    const pause = (memory.written?.at ?? 0) + writeIntervalMilliseconds - now;
    // A clock that was set back counts as time gone by.
    if (pause > 0 && pause <= writeIntervalMilliseconds) return { requeueAfterMilliseconds: pause };
    const isWritten = await this.#write(node, plan.labels, signal);
    if (!isWritten) return {};
    this.#memories.set(name, { ...memory, written: { over: node, labels: plan.labels, at: now } });
    return wait;
  }

  /** What it has, or will have: the informer may be behind what was just written. */
  #known(node: ClusterNode): Labels {
    const written = this.#memories.get(node.metadata.name)?.written;
    return written?.over === node ? written.labels : ownLabels(node);
  }

  #plan({ metadata }: ClusterNode, known: Labels, now: number): NodeLabelsPlan {
    const memory = this.#memories.get(metadata.name)?.labels ?? new Map();
    const sightings = this.#sightings(metadata.name);
    return planNodeLabels({ known, sightings, placements: this.#options.placements(), memory, now });
  }

  /** @returns false when the node is another, or gone: hearing of it will bring another pass. */
  async #write(node: ClusterNode, labels: Labels, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.apply(node, labels, signal);
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }

  #sightings(nodeName: string): readonly Sighting[] {
    const { deviceLabels, devicesAt } = this.#options;
    return devicesAt(nodeName).flatMap((device) => {
      const attachment = device.status?.attachments?.find((place) => place.nodeName === nodeName);
      if (attachment === undefined) return [];
      const since = Date.parse(attachment.since ?? '');
      const { present } = attachment;
      return [{ present, since: Number.isNaN(since) ? undefined : since, labels: deviceLabels.of(device) }];
    });
  }
}

function waitTime(dueAt: number | undefined, now: number): number | undefined {
  return dueAt === undefined ? undefined : Math.min(dueAt - now, longestWaitMilliseconds);
}
