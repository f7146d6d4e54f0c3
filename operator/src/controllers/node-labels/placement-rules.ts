import { nodeLabels, type AutoWeavePlugin, type AutoWeavePluginTrigger, type MatchedDevice } from '@autoweave/crds';
import { concerns } from '../../device-match.ts';
import { mayHavePods, type RunnerPods, wantsPods } from '../../workloads/runner-pods.ts';
import type { PlacementTerms } from './plan.ts';

/** What puts a plugin onto nodes. */
export interface PlacementRule extends PlacementTerms {
  /** Key of the label. */
  readonly label: string;
  /** It concerns devices of no other vendors; undefined: of any. Spares most devices a closer look. */
  readonly vendorIds: readonly string[] | undefined;
  concerns(device: MatchedDevice): boolean;
}

const defaultGraceSeconds = 300;

/** Undefined for a plugin that has no place of its own: it may run anywhere, nowhere, or not yet. */
export function placementRule(plugin: AutoWeavePlugin, runnerPods: RunnerPods | undefined): PlacementRule | undefined {
  if (!hasPlace(plugin, runnerPods)) return undefined;
  const { namespace = '', uid = '' } = plugin.metadata;
  const { placement, runtime, triggers = [] } = plugin.spec;
  return {
    label: nodeLabels.plugin(uid),
    graceMilliseconds: (placement?.detachGraceSeconds ?? defaultGraceSeconds) * 1_000,
    runnerLabel: runtime === 'Pod' ? undefined : nodeLabels.runner(namespace),
    vendorIds: vendorIdsOf(triggers),
    concerns: (device) => concerns(plugin, device),
  };
}

function hasPlace(plugin: AutoWeavePlugin, runnerPods: RunnerPods | undefined): boolean {
  if (runnerPods === undefined || plugin.spec.placement?.nodes === 'Any') return false;
  return mayHavePods(runnerPods, plugin.metadata.namespace) && wantsPods(plugin);
}

function vendorIdsOf(triggers: readonly AutoWeavePluginTrigger[]): readonly string[] | undefined {
  const lists = triggers.map(({ match }) => match?.vendorIds);
  return lists.length === 0 || lists.includes(undefined)
    ? undefined
    : [...new Set(lists.flatMap((list) => list ?? []))];
}

/** What a rule follows from; results change a plugin far more often. */
export function ruleBasis(plugin: AutoWeavePlugin | undefined): string {
  if (plugin === undefined) return '';
  const { metadata, spec, status } = plugin;
  const { placement, runtime, triggers } = spec;
  return JSON.stringify([metadata.uid, wantsPods(plugin), placement, runtime, triggers, status?.permissions?.usb]);
}
