import { conditionTypes, type Condition, type UsbNodeStatus } from '@autoweave/crds';
import { setCondition, type DesiredCondition } from '@autoweave/platform/kube';
import type { SourceStatus } from '../inventory/edge-source-keeper.ts';

/** What the agent knows of itself and its node. A problem is a sentence for people; undefined when there is none. */
export interface NodeFacts {
  readonly agentVersion: string;
  readonly kernelVersion: string;
  readonly epoch: string;
  /** Set once every device was stated, and as long as the journal remembers no other epoch. */
  readonly statedEpoch: string | undefined;
  readonly devicesPresent: number;
  readonly sources: readonly SourceStatus[];
  readonly lastResyncToken: string | undefined;
  readonly problems: {
    readonly usb: string | undefined;
    readonly redis: string | undefined;
    readonly journal: string | undefined;
  };
}

/** Besides `conditionTypes.ready`. */
export const nodeConditionTypes = {
  usbAvailable: 'UsbAvailable',
  redisReachable: 'RedisReachable',
  journalWritable: 'JournalWritable',
} as const;

const messageLimit = 1024;

/** @param previous What was stated before: times move only when a status flips. */
export function usbNodeStatus(facts: NodeFacts, previous: readonly Condition[], now: Date): UsbNodeStatus {
  const { agentVersion, kernelVersion, epoch, devicesPresent, lastResyncToken, statedEpoch } = facts;
  let conditions = previous;
  for (const condition of statements(facts)) conditions = setCondition(conditions, condition, now);
  return {
    agentVersion,
    kernelVersion,
    sources: distinctSources(facts.sources),
    devicesPresent,
    epoch,
    ...(statedEpoch === undefined ? {} : { statedEpoch }),
    ...(lastResyncToken === undefined ? {} : { lastResyncToken }),
    conditions,
  };
}

/** One that both reads and tells is two sources of one name: what is wrong with either is wrong with it. */
function distinctSources(sources: readonly SourceStatus[]): SourceStatus[] {
  return [...Map.groupBy(sources, (source) => source.name)].map(([name, parts]) => {
    const broken = parts.find((source) => source.state !== 'Active');
    if (broken === undefined) return { name, state: 'Active' };
    return { name, state: broken.state, message: (broken.message ?? '').slice(0, messageLimit) };
  });
}

function statements({ problems }: NodeFacts): DesiredCondition[] {
  const { usbAvailable, redisReachable, journalWritable } = nodeConditionTypes;
  const usb = statement(usbAvailable, problems.usb, ['TreeRead', 'TreeUnreadable', 'The USB tree is read']);
  const redis = statement(redisReachable, problems.redis, ['Publishing', 'NotPublishing', 'Events reach Redis']);
  const journal = statement(journalWritable, problems.journal, ['OnDisk', 'InMemory', 'Events are journaled on disk']);
  const broken = [usb, redis, journal].find((condition) => condition.status === 'False');
  const ready: DesiredCondition =
    broken === undefined
      ? { type: conditionTypes.ready, status: 'True', reason: 'Watching', message: 'Devices are seen and told' }
      : { ...broken, type: conditionTypes.ready };
  return [ready, usb, redis, journal];
}

function statement(
  type: string,
  problem: string | undefined,
  [good, bad, message]: readonly [good: string, bad: string, message: string],
): DesiredCondition {
  if (problem === undefined) return { type, status: 'True', reason: good, message };
  return { type, status: 'False', reason: bad, message: problem.slice(0, messageLimit) };
}
