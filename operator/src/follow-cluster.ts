import type { AutoWeavePlugin, UsbDevice } from '@autoweave/crds';
import type { Bridge } from './bridge/index.ts';
import type { ClusterState } from './cluster-state.ts';
import type { PluginLeftovers } from './plugin-leftovers.ts';
import type { Router } from './router/index.ts';

export interface ClusterFollowers {
  readonly router: Router;
  readonly bridge: Bridge;
  readonly leftovers: PluginLeftovers;
}

/** Tells the parts of a leader of the changes that may concern them. */
export function followCluster(state: ClusterState, { router, bridge, leftovers }: ClusterFollowers): void {
  state.plugins.onChange((key, plugin, previous) => {
    bridge.pluginChanged(key, plugin, previous);
    leftovers.pluginChanged(plugin, previous);
    if (standingOf(plugin) !== standingOf(previous)) router.wakeOccupied();
  });
  state.devices.onChange((name, device, previous) => {
    if (placesOf(device) !== placesOf(previous)) router.deviceMoved(name);
  });
  state.nodes.onChange((_name, node, previous) => {
    if (node !== undefined && previous === undefined) bridge.nodeAppeared();
  });
}

/** What decides whether the jobs of a plugin may run; results change its status far more often. */
function standingOf(plugin: AutoWeavePlugin | undefined): string {
  if (plugin === undefined) return '';
  const { uid, generation, deletionTimestamp } = plugin.metadata;
  const { observedGeneration, phase, bundle, limits, permissions } = plugin.status ?? {};
  const status = [observedGeneration, phase, bundle, limits, permissions];
  return JSON.stringify([uid, generation, deletionTimestamp, plugin.spec.suspend, ...status]);
}

function placesOf(device: UsbDevice | undefined): string {
  const attachments = device?.status?.attachments ?? [];
  return JSON.stringify(attachments.filter(({ present }) => present).map(({ nodeName }) => nodeName));
}
