import { conditionTypes, type Condition } from '@autoweave/crds';
import { removeCondition, setCondition } from '@autoweave/platform/kube';
import { faultMessage, type PluginFault, reasonOf } from '../../plugin-fault.ts';
import type { Placement } from '../../workloads/plan-placement.ts';
import { isReady, type Standing } from './standing.ts';

export interface ConditionsWorld {
  readonly known: readonly Condition[];
  readonly generation: number | undefined;
  readonly standing: Standing;
  /** Of source or manifest. */
  readonly sourceFault: PluginFault | undefined;
  /** Of the policy. */
  readonly denial: PluginFault | undefined;
  /** Undefined for a plugin that has no pods. */
  readonly placement: Placement | undefined;
  readonly now: Date;
}

/** The conditions of a plugin. `Reconciling` and `Stalled` exist only while they are True. */
export function planConditions(world: ConditionsWorld): readonly Condition[] {
  const { denial, generation, now, placement, sourceFault, standing } = world;
  const { message, outlook, reason } = standing;
  const isInPlace = isReady(standing);
  const stated: readonly Statement[] = [
    [conditionTypes.ready, isInPlace, { reason, message }],
    [conditionTypes.validated, sourceFault === undefined, explain(sourceFault, valid)],
    [conditionTypes.permitted, denial === undefined, explain(denial, permitted)],
    ...(placement === undefined ? [] : [[conditionTypes.placed, placement.isPlaced, placement] satisfies Statement]),
    [conditionTypes.loaded, isInPlace, { reason: isInPlace && reason === 'Running' ? 'Loaded' : reason, message }],
    ...(outlook === 'Resting' ? [] : [[outlook, true, { reason, message }] satisfies Statement]),
  ];
  const occasional = [conditionTypes.reconciling, conditionTypes.stalled, conditionTypes.placed];
  const others = occasional.filter((type) => !stated.some(([statedType]) => statedType === type));
  const kept = others.reduce<readonly Condition[]>(removeCondition, world.known);
  return stated.reduce<readonly Condition[]>(
    (conditions, [type, holds, explanation]) =>
      setCondition(conditions, condition(type, holds, { ...explanation, generation }), now),
    kept,
  );
}

type Statement = readonly [type: string, holds: boolean, explanation: Explanation];

interface Explanation {
  readonly reason: string;
  readonly message: string;
}

const valid: Explanation = { reason: 'Valid', message: 'Manifest and digests are right' };
const permitted: Explanation = {
  reason: 'AllowedByPolicy',
  message: 'AutoWeavePolicy default allows unsigned plugins of the namespace',
};

function explain(fault: PluginFault | undefined, otherwise: Explanation): Explanation {
  return fault === undefined ? otherwise : { reason: reasonOf(fault.code), message: faultMessage(fault) };
}

function condition(
  type: string,
  holds: boolean,
  { generation, message, reason }: Explanation & { readonly generation: number | undefined },
): Omit<Condition, 'lastTransitionTime'> {
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  return {
    type,
    status: holds ? 'True' : 'False',
    reason,
    message: message.slice(0, maximumMessageLength),
    ...observed,
  };
}

const maximumMessageLength = 2048;
