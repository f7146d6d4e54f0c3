import { errorMessage } from '@autoweave/platform/errors';
import { type ApplyConfiguration, KubeError, type KubeObject, type Resource } from '@autoweave/platform/kube';
import type { PluginFault } from '../plugin-fault.ts';
import type { WorkloadEffects } from './apply.ts';

export interface WantedWorkload<T extends KubeObject> {
  readonly resource: Resource;
  readonly wanted: ApplyConfiguration<T>;
  /** As the API server has it. */
  readonly live: T | undefined;
  /** `live` is what is wanted. */
  readonly isApplied: boolean;
  /** It should have more pods than it could make. */
  readonly isShort: boolean;
  /** Makes sure of the account that its pods run under. */
  readonly account: () => Promise<void>;
}

/**
 * Makes a workload what it should be, unless it is.
 *
 * @returns why it has no pods, when people must do something about it.
 * @throws KubeError, KubeConnectionError when another try may help.
 */
export async function keepWorkload<T extends KubeObject>(
  effects: WorkloadEffects,
  { account, isApplied, isShort, live, resource, wanted }: WantedWorkload<T>,
  signal: AbortSignal,
): Promise<PluginFault | undefined> {
  try {
    if (!isApplied || isShort) await account();
    if (!isApplied) await effects.apply(resource, wanted, signal);
    if (!isShort || live === undefined) return undefined;
    const reason = await effects.creationFailure(live, signal);
    return reason === undefined ? undefined : { code: 'AW_POD_NOT_CREATED', message: reason };
  } catch (error) {
    const fault = refusal(error);
    if (fault === undefined) throw error;
    return fault;
  }
}

/** Undefined: nobody has said no. */
export function refusal(error: unknown): PluginFault | undefined {
  if (!(error instanceof KubeError) || ![400, 403, 404, 422].includes(error.status)) return undefined;
  const message = errorMessage(error);
  // The words of the API server's RBAC; quotas and admission policies use the same status.
  const isRbac = error.status === 403 && /cannot \w+ resource/.test(message);
  return { code: isRbac ? 'AW_WORKLOAD_FORBIDDEN' : 'AW_WORKLOAD_REFUSED', message };
}
