import { createHash } from 'node:crypto';
import { eventAnnotations, groupVersion, type JobResult } from '@autoweave/crds';
import type { KubeObject, RecordedEvent } from '@autoweave/platform/kube';

/** The Kubernetes Event that tells of a result. Its name comes from the job, so that it exists once. */
export function resultEvent(result: JobResult, plugin: KubeObject | undefined): RecordedEvent {
  const succeeded = result.state === 'Succeeded';
  const { namespace, name } = result.plugin;
  return {
    object: plugin ?? { apiVersion: groupVersion, kind: 'AutoWeavePlugin', metadata: { name, namespace } },
    type: succeeded ? 'Normal' : 'Warning',
    reason: succeeded ? 'PluginSucceeded' : 'PluginFailed',
    action: actions[result.type],
    message: `${subject(result)}: ${succeeded ? answer(result) : `${result.code ?? 'failed'}: ${result.message ?? ''}`}`,
    name: `${name}.${createHash('sha256').update(result.jobId).digest('hex').slice(0, 24)}`,
    annotations: {
      ...(result.deviceName === undefined ? {} : { [eventAnnotations.device]: result.deviceName }),
      ...(result.node === '' ? {} : { [eventAnnotations.node]: result.node }),
    },
  };
}

const longestAnswer = 400;

const actions = {
  'usb.attach': 'OnAttach',
  'usb.detach': 'OnDetach',
  'plugin.job': 'OnJob',
  'plugin.load': 'Load',
  'plugin.unload': 'Unload',
} as const satisfies Record<JobResult['type'], string>;

/** The whole value is in the status of the plugin and in the record of the job; the note of an Event has 1 KiB. */
function answer({ value }: JobResult): string {
  if (value === undefined || value === null) return 'succeeded';
  const json = JSON.stringify(value);
  return `succeeded with ${json.length > longestAnswer ? `${json.slice(0, longestAnswer)}…` : json}`;
}

function subject({ type, deviceName, node, jobId }: JobResult): string {
  const device = deviceName === undefined ? '' : ` for device ${deviceName}`;
  const place = node === '' ? '' : ` on node ${node}`;
  return `${type}${device}${place} (job ${jobId})`;
}
