import { queues, type WaitingJob } from '@autoweave/crds';

/** Where a job waits, and waits still until it has a result: at its device, or else at its plugin. */
export function roomOf({ deviceName, plugin }: Pick<WaitingJob, 'deviceName' | 'plugin'>): string {
  return deviceName === undefined ? queues.pluginRoom(plugin.namespace, plugin.name) : queues.deviceRoom(deviceName);
}
