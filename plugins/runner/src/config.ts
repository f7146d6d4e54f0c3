import { readFile } from 'node:fs/promises';
import { runnerPod } from '@autoweave/crds';
import type { Executor } from './connection/executor-connection.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Started by an executor as a process. @throws Error naming the variable that is missing */
export function childConfig(env: Environment): Executor {
  const token = required(env, 'AW_RUNNER_TOKEN');
  return {
    address: { path: required(env, 'AW_RUNNER_SOCKET') },
    namespace: required(env, 'AW_RUNNER_NAMESPACE'),
    token: async () => token,
  };
}

/** In a pod: over the Service of the executors. @throws Error naming the variable that is missing or wrong */
export function podConfig(env: Environment): Executor {
  const file = env['AW_RUNNER_TOKEN_FILE'] ?? runnerPod.tokenFile;
  return {
    address: hostAndPort('AW_EXECUTOR_ADDRESS', required(env, 'AW_EXECUTOR_ADDRESS')),
    namespace: required(env, 'AW_RUNNER_NAMESPACE'),
    // Read each time: the kubelet replaces it before it expires.
    token: async () => (await readFile(file, 'utf8')).trim(),
  };
}

/** In the container of a plugin: over the socket of the sidecar. @throws Error naming the variable that is missing */
export function pluginConfig(env: Environment): Executor {
  return { address: { path: socketPath(env) } };
}

/** Between the two containers of a pod. @throws Error when it is missing */
export function socketPath(env: Environment): string {
  return required(env, 'AW_RUNNER_SOCKET');
}

/** 0 takes a free one. @throws Error when it is no port */
export function probePort(env: Environment): number {
  const text = env['AW_PROBE_PORT'] ?? String(runnerPod.probePort);
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`AW_PROBE_PORT is ${JSON.stringify(text)}: expected a port`);
}

function hostAndPort(name: string, text: string): { readonly host: string; readonly port: number } {
  const url = URL.parse(`tcp://${text}`);
  const port = Number(url?.port);
  if (url !== null && url.hostname !== '' && port > 0) return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
  throw new Error(`${name} is ${JSON.stringify(text)}: expected host:port`);
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is missing: who starts runners sets it`);
  return value;
}
