import { conditionTypes, type AutoWeavePlugin, type UsbDevice } from '@autoweave/crds';
import { findCondition, objectKey } from '@autoweave/platform/kube';
import { holdersOf } from '../cluster/device-text.ts';
import { since } from '../terminal/age.ts';
import type { ExplainedPlugin, Verdict } from './explanation.ts';
import { podReasons, type PodWorld } from './pod-reasons.ts';
import { matchedDevice, matchPermissions, matchTriggers } from './plugin-match.ts';

export interface PluginWorld {
  /** Whether something about the device itself keeps every plugin from it. */
  readonly isDeviceBlocked: boolean;
  readonly pods: PodWorld;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Whether a plugin is told of a device, and why not. */
export function explainPlugin(plugin: AutoWeavePlugin, device: UsbDevice, world: PluginWorld): ExplainedPlugin {
  const lastResult = lastResultText(plugin, device, world.now);
  return {
    plugin: objectKey(plugin),
    ...judge(plugin, device, world),
    ...(lastResult === undefined ? {} : { lastResult }),
  };
}

interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

function judge(plugin: AutoWeavePlugin, device: UsbDevice, world: PluginWorld): Judgement {
  const matched = matchedDevice(device);
  const triggers = matchTriggers(plugin, matched);
  if (!triggers.matches) return { verdict: 'NoMatch', reasons: triggers.reasons };
  const standing = standingOf(plugin);
  if (standing !== undefined) return { ...standing, reasons: [triggers.reason, ...standing.reasons] };
  const permissions = matchPermissions(plugin, matched);
  if (!permissions.matches) return { verdict: 'Blocked', reasons: [triggers.reason, ...permissions.reasons] };
  const place = judgePlace(plugin, device, world);
  return { ...place, reasons: [triggers.reason, permissions.reason, ...place.reasons] };
}

/** Undefined when the plugin listens to events. */
function standingOf({ metadata, spec, status = {} }: AutoWeavePlugin): Judgement | undefined {
  if (metadata.deletionTimestamp !== undefined) return { verdict: 'Blocked', reasons: ['it is being deleted'] };
  if (spec.suspend === true) return { verdict: 'Blocked', reasons: ['spec.suspend is true'] };
  return status.bundle !== undefined && status.permissions !== undefined ? undefined : judgePhase(status);
}

const restingPhases: ReadonlySet<string> = new Set(['Rejected', 'Failed', 'Blocked']);

function judgePhase({ phase, conditions = [] }: NonNullable<AutoWeavePlugin['status']>): Judgement {
  if (phase === undefined) return { verdict: 'Waits', reasons: ['the operator has not looked at it yet'] };
  const ready = findCondition(conditions, conditionTypes.ready);
  const reason = `its phase is ${phase}${ready === undefined ? '' : `: ${ready.message}`}`;
  return { verdict: restingPhases.has(phase) ? 'Blocked' : 'Waits', reasons: [reason] };
}

function judgePlace(plugin: AutoWeavePlugin, device: UsbDevice, world: PluginWorld): Judgement {
  if (world.isDeviceBlocked)
    return { verdict: 'Blocked', reasons: ['something about the device blocks it, see above'] };
  const node = holdersOf(device)[0]?.nodeName;
  const reasons = podReasons(plugin, device, world.pods);
  if (node === undefined) return { verdict: 'Waits', reasons: ['no node holds the device', ...reasons] };
  const worker = judgeWorker(plugin, node);
  return { verdict: worker.verdict, reasons: [...worker.reasons, ...(worker.verdict === 'Runs' ? [] : reasons)] };
}

function judgeWorker({ status }: AutoWeavePlugin, node: string): Judgement {
  const worker = status?.workers?.find((candidate) => candidate.node === node);
  if (worker === undefined) {
    return { verdict: 'Waits', reasons: [`node ${node} has no executor that the operator knows of (status.workers)`] };
  }
  if (worker.state === 'Loaded') return { verdict: 'Runs', reasons: [`it is loaded at node ${node}`] };
  const { state, code, message } = worker;
  const text = [code, message].filter((part) => part).join(': ');
  return {
    verdict: state === 'Failed' ? 'Blocked' : 'Waits',
    reasons: [`at node ${node} it is ${state}${text === '' ? '' : `: ${text}`}`],
  };
}

function lastResultText({ status }: AutoWeavePlugin, { metadata }: UsbDevice, now: number): string | undefined {
  const result = (status?.results?.last ?? []).find(({ device }) => device === metadata.name);
  if (result === undefined) return undefined;
  const { type, state, node, code, message, finishedAt } = result;
  const failure = [code, message].filter((part) => part).join(': ');
  return `${type} ${state} at node ${node} ${since(finishedAt, now)} ago${failure === '' ? '' : `: ${failure}`}`;
}
