/** How a runner finds its executor and proves itself. */
export interface RunnerConfig {
  /** Path of the executor's Unix socket. */
  readonly socketPath: string;
  readonly namespace: string;
  readonly token: string;
}

/** @throws Error naming the variable that is missing */
export function runnerConfig(env: Readonly<Record<string, string | undefined>>): RunnerConfig {
  return {
    socketPath: required(env, 'AW_RUNNER_SOCKET'),
    namespace: required(env, 'AW_RUNNER_NAMESPACE'),
    token: required(env, 'AW_RUNNER_TOKEN'),
  };
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is missing: an executor starts runners and sets it`);
  return value;
}
