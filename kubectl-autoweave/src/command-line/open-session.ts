import { KubeClient, loadClusterAccess, type ClusterAccess } from '@autoweave/platform/kube';
import { pluginVersion } from '../plugin-version.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { parseDuration } from './duration.ts';
import type { GlobalOptions } from './global-options.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** As long as a timer can be. */
const forEver = 2_147_483_647;

/** @throws AutoWeaveError AW_KUBECONFIG_INVALID, AW_CONTEXT_UNKNOWN, AW_CONFIG_INVALID */
export async function openSession(options: GlobalOptions, { env, output, signal }: Surroundings): Promise<Session> {
  const timeout = parseDuration(options.requestTimeout, '--request-timeout');
  const access = await loadClusterAccess({ kubeconfigPath: options.kubeconfig, context: options.context, env });
  const client = new KubeClient(impersonating(access, options), {
    userAgent: `kubectl-autoweave/${pluginVersion}`,
    requestTimeoutMilliseconds: timeout === 0 ? forEver : Math.min(timeout, forEver),
  });
  const { output: format, headers, namespace } = options;
  return { client, output, format, headers, namespace, signal, now: () => Date.now() };
}

function impersonating(access: ClusterAccess, { as, asGroup }: GlobalOptions): ClusterAccess {
  if (as === undefined) return access;
  const groups = asGroup === undefined ? {} : { 'Impersonate-Group': asGroup };
  return { ...access, headers: { ...access.headers, 'Impersonate-User': as, ...groups } };
}
