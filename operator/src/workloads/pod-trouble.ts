import type { ErrorCode } from '@autoweave/crds';
import type { PluginFault } from '../plugin-fault.ts';
import { type ContainerStatus, containersOf, type Pod } from './kinds.ts';

/** Reasons for which the kubelet lets a container wait, as far as people must know. */
const waitingReasons: Readonly<Record<string, ErrorCode>> = {
  ErrImagePull: 'AW_IMAGE_UNAVAILABLE',
  ErrImageNeverPull: 'AW_IMAGE_UNAVAILABLE',
  ImageInspectError: 'AW_IMAGE_UNAVAILABLE',
  ImagePullBackOff: 'AW_IMAGE_UNAVAILABLE',
  InvalidImageName: 'AW_IMAGE_UNAVAILABLE',
  RegistryUnavailable: 'AW_IMAGE_UNAVAILABLE',
  SignatureValidationFailed: 'AW_IMAGE_UNAVAILABLE',
  CrashLoopBackOff: 'AW_POD_FAILING',
  CreateContainerConfigError: 'AW_POD_FAILING',
  CreateContainerError: 'AW_POD_FAILING',
  RunContainerError: 'AW_POD_FAILING',
};

/** What keeps the first of the pods, by name, that something keeps. */
export function podTrouble(pods: readonly Pod[]): PluginFault | undefined {
  for (const pod of pods.toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))) {
    const fault = schedulingFault(pod) ?? containerFault(pod);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function schedulingFault({ metadata, status }: Pod): PluginFault | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  return { code: 'AW_POD_UNSCHEDULABLE', message: `pod ${metadata.name}: ${scheduled.message ?? 'no node takes it'}` };
}

function containerFault(pod: Pod): PluginFault | undefined {
  for (const container of containersOf(pod)) {
    const code = waitingReasons[container.state?.waiting?.reason ?? ''];
    if (code === undefined) continue;
    // A container only waits where the pod has a node.
    const place = `pod ${pod.metadata.name} at node ${pod.spec?.nodeName ?? ''}`;
    return { code, message: `${place}, container ${container.name}: ${detail(container)}` };
  }
  return undefined;
}

function detail({ lastState, state }: ContainerStatus): string {
  const { message, reason } = state?.waiting ?? {};
  const last = lastState?.terminated;
  const end = last === undefined ? undefined : `it ended with ${last.exitCode} (${last.reason ?? 'no reason given'})`;
  return [reason, message, end].filter((part) => part !== undefined).join(': ');
}
