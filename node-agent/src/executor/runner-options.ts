import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import type { Logger } from '@autoweave/platform/telemetry';
import type { ExecutorConfig } from './config.ts';
import { ProcessRunnerLauncher } from './runtime/process-runner-launcher.ts';
import type { RunnerPluginRuntimeOptions } from './runtime/runner-plugin-runtime.ts';
import { TokenReviewAuthenticator } from './runtime/token-review-authenticator.ts';

/** A runner waits for the answer. */
const reviewMilliseconds = 5_000;

export interface RunnerSettings {
  readonly config: ExecutorConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** Where runners come from. @throws AutoWeaveError AW_KUBECONFIG_INVALID */
export async function runnerOptions({
  config,
  env,
  logger,
}: RunnerSettings): Promise<Pick<RunnerPluginRuntimeOptions, 'children' | 'pods'>> {
  const { runnerEntry, runnerDirectory: directory, runnerHost: host, runnerPort: port, nodeName: node } = config;
  const launcher = runnerEntry === undefined ? undefined : new ProcessRunnerLauncher(runnerEntry, logger);
  const children = launcher && { launcher, directory };
  if (port === undefined) return { children };
  const access = await loadClusterAccess({ kubeconfigPath: config.kubeconfig, env });
  const client = new KubeClient(access, {
    userAgent: 'autoweave-executor',
    requestTimeoutMilliseconds: reviewMilliseconds,
  });
  return { children, pods: { host, port, authenticator: new TokenReviewAuthenticator({ client, node }) } };
}
