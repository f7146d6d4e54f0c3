import type { HotplugEvent, JobResult, UsbDevice } from '@autoweave/crds';
import type { Operation } from './world.ts';

/** What is to be seen from outside after a run. */
export interface Outcome {
  /** Names below /sys/bus/usb/devices of what is plugged in. */
  readonly plugged: ReadonlySet<string>;
  /** In the order of the stream `aw:hotplug`. */
  readonly events: readonly HotplugEvent[];
  /** In the order of the stream `aw:results`; loads of plugins are left out. */
  readonly results: readonly JobResult[];
  readonly devices: readonly UsbDevice[];
  /** Ids of the jobs of whose results Kubernetes Events tell. */
  readonly resultEvents: readonly string[];
  /** What the status of the plugin counts. */
  readonly counted: { readonly succeeded: number; readonly failed: number };
}

/** Everything that is not as promised, in words; empty when all is well (design.md, decision 4). */
export function problemsOf(outcome: Outcome): string[] {
  return [
    ...sequenceProblems(outcome.events),
    ...alternationProblems(outcome.events),
    ...stateProblems(outcome),
    ...deviceProblems(outcome),
    ...resultProblems(outcome),
  ];
}

/** For runs in which the agent lived: the stream holds every transition of each port, in order, and nothing else. */
export function transitionProblems(operations: readonly Operation[], events: readonly HotplugEvent[]): string[] {
  return portProblems(
    operations.map(({ sysfsName, action, address }) => ({ sysfsName, words: `${action} of address ${address}` })),
    events.map(({ sysfsName, action, deviceAddress }) => ({
      sysfsName,
      words: `${action} of address ${deviceAddress}`,
    })),
  );
}

/** A transition of one port, in the words that are compared. */
export interface PortTransition {
  readonly sysfsName: string;
  readonly words: string;
}

/** The first difference in each port. What happened in one port is told in order; ports have none among them. */
export function portProblems(happened: readonly PortTransition[], told: readonly PortTransition[]): string[] {
  const wanted = Map.groupBy(happened, ({ sysfsName }) => sysfsName);
  const found = Map.groupBy(told, ({ sysfsName }) => sysfsName);
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((sysfsName) => {
    const left = wanted.get(sysfsName) ?? [];
    const right = found.get(sysfsName) ?? [];
    const length = Math.max(left.length, right.length);
    const first = Array.from({ length }, (_, index) => index).find((at) => left[at]?.words !== right[at]?.words);
    if (first === undefined) return [];
    const there = `transition ${first + 1} of ${sysfsName}`;
    return [`${there} was ${left[first]?.words ?? 'none'}, the stream has ${right[first]?.words ?? 'none'}`];
  });
}

/** Numbers count up from 1 by 1 within an epoch, and an epoch does not come back. */
function sequenceProblems(events: readonly HotplugEvent[]): string[] {
  const ended = new Set<string>();
  return events.flatMap(({ epoch, sequence, eventId }, index) => {
    const before = events[index - 1];
    const isSameEpoch = before?.epoch === epoch;
    if (before !== undefined && !isSameEpoch) ended.add(before.epoch);
    if (ended.has(epoch)) return [`${eventId} is of an epoch that had ended`];
    const wanted = isSameEpoch ? before.sequence + 1 : 1;
    return sequence === wanted ? [] : [`${eventId} came where sequence ${wanted} was due`];
  });
}

function alternationProblems(events: readonly HotplugEvent[]): string[] {
  const present = new Set<string>();
  return events.flatMap(({ action, sysfsName, eventId }) => {
    const repeated = (action === 'attach') === present.has(sysfsName);
    if (action === 'attach') present.add(sysfsName);
    else present.delete(sysfsName);
    return repeated ? [`${eventId} tells a second ${action} of ${sysfsName}`] : [];
  });
}

function stateProblems({ events, plugged }: Outcome): string[] {
  const last = new Map(events.map(({ sysfsName, action }) => [sysfsName, action]));
  const present = new Set([...last].filter(([, action]) => action === 'attach').map(([name]) => name));
  const difference = [...present.symmetricDifference(plugged)];
  return difference.map((name) => `${name} is ${plugged.has(name) ? 'plugged in' : 'away'}, the stream says otherwise`);
}

function deviceProblems({ devices, events, plugged }: Outcome): string[] {
  const lastNames = new Map(events.map(({ sysfsName, deviceName }) => [sysfsName, deviceName]));
  const isPlugged = (name: string, sysfsName = ''): boolean =>
    plugged.has(sysfsName) && lastNames.get(sysfsName) === name;
  const known = new Set(devices.map(({ metadata }) => metadata.name ?? ''));
  // A device that was gone before it was ever read has no name.
  const told = new Set(events.map(({ deviceName }) => deviceName).filter((name) => name !== ''));
  const missing = told.difference(known);
  return [
    ...[...missing].map((name) => `there is no UsbDevice ${name}`),
    ...devices.flatMap((device) => oneDeviceProblems(device, isPlugged)),
  ];
}

function oneDeviceProblems(
  { metadata, status }: UsbDevice,
  isPlugged: (name: string, sysfsName: string | undefined) => boolean,
): string[] {
  const attachments = status?.attachments ?? [];
  const attached = status?.conditions?.find(({ type }) => type === 'Attached')?.status;
  const wanted = attachments.some(({ sysfsName }) => isPlugged(metadata.name, sysfsName));
  const present = attachments.some((attachment) => attachment.present);
  if (present !== wanted) return [`UsbDevice ${metadata.name} says present: ${present}, but it is not so`];
  if (attached !== (wanted ? 'True' : 'False')) return [`UsbDevice ${metadata.name} has Attached=${attached}`];
  return [];
}

function resultProblems({ events, results, resultEvents, counted }: Outcome): string[] {
  const byEvent = Map.groupBy(results, ({ eventId }) => eventId ?? '');
  const perEvent = events.flatMap(({ eventId }) => {
    const found = byEvent.get(eventId) ?? [];
    return found.length === 1 ? [] : [`${eventId} has ${found.length} results`];
  });
  const failed = results.filter(({ state }) => state !== 'Succeeded');
  return [
    ...perEvent,
    ...failed.map(({ jobId, state, code, message }) => `job ${jobId} ended ${state}: ${code} ${message}`),
    ...resultEventProblems(resultEvents, results),
    ...unequal('results counted in the status', counted.succeeded + counted.failed, results.length),
  ];
}

function resultEventProblems(resultEvents: readonly string[], results: readonly JobResult[]): string[] {
  const found = Map.groupBy(resultEvents, (jobId) => jobId);
  const jobs = new Set(results.map(({ jobId }) => jobId));
  return [...jobs.union(new Set(resultEvents))].flatMap((jobId) => {
    const count = found.get(jobId)?.length ?? 0;
    const wanted = jobs.has(jobId) ? 1 : 0;
    return count === wanted ? [] : [`job ${jobId} has ${count} Kubernetes Events, not ${wanted}`];
  });
}

function unequal(what: string, found: number, wanted: number): string[] {
  return found === wanted ? [] : [`${found} ${what}, not ${wanted}`];
}
