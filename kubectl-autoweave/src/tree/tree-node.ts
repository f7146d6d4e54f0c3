import { conditionTypes, type UsbNode } from '@autoweave/crds';
import { findCondition } from '@autoweave/platform/kube';
import type { TreeBus } from './build-tree.ts';

export interface TreeNode {
  readonly name: string;
  /** What its agent says of itself; undefined without an agent. */
  readonly ready?: boolean;
  readonly reason?: string;
  readonly message?: string;
  readonly agentVersion?: string;
  readonly buses: readonly TreeBus[];
}

/** What the tree keeps of a UsbNode. */
export function nodeFacts({ metadata, status }: UsbNode): Omit<TreeNode, 'buses'> {
  const ready = findCondition(status?.conditions ?? [], conditionTypes.ready);
  const isReady = ready?.status === 'True';
  return {
    name: metadata.name,
    ...(ready === undefined ? {} : { ready: isReady }),
    ...(ready === undefined || isReady ? {} : { reason: ready.reason, message: ready.message }),
    ...(status?.agentVersion === undefined ? {} : { agentVersion: status.agentVersion }),
  };
}
