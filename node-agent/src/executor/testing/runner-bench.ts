import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HookArgument, HookName, PluginBundle, PluginKey } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { MetricsRegistry } from '@autoweave/platform/telemetry';
import { vi } from 'vitest';
import type { PluginStore, RunnablePlugin } from '../ports.ts';
import { RunnerPluginRuntime } from '../runtime/runner-plugin-runtime.ts';
import { TokenReviewAuthenticator } from '../runtime/token-review-authenticator.ts';
import { patient, runnerEntry, silent } from './executor-bench.ts';
import { type TestPod, TestPods } from './test-pods.ts';

const pythonExample = fileURLToPath(new URL('../../../../plugins/python-example/', import.meta.url));

/** Of Python 3, where there is one. */
export function pythonPath(): string | undefined {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return stdout === null || stdout === '' ? undefined : stdout.trim();
}

/** In memory; the real one is tested against Redis. */
class MemoryStore implements PluginStore {
  readonly entries = new Map<string, string>();
  #id = ({ namespace, name }: PluginKey, key: string): string => `${namespace}/${name}/${key}`;
  get = async (plugin: PluginKey, key: string) => this.entries.get(this.#id(plugin, key));
  delete = async (plugin: PluginKey, key: string) => this.entries.delete(this.#id(plugin, key));
  keys = async () => [...this.entries.keys()];
  set = async (plugin: PluginKey, { key, value }: { key: string; value: string }) => {
    this.entries.set(this.#id(plugin, key), value);
    return true;
  };
}

/** A container of a pod: a process, and what it wrote. */
export interface TestContainer {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Resolves to how it ended. */
  readonly ended: Promise<string>;
}

export interface ContainerOptions {
  readonly command?: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** One node with real runner processes and real tokens: all of a cluster that runners see. */
export class RunnerBench {
  readonly pods: TestPods;
  readonly store = new MemoryStore();
  readonly bundles = new Map<string, PluginBundle>();
  readonly directory: string;
  port = 0;
  runtime: RunnerPluginRuntime | undefined;
  readonly #containers: TestContainer[] = [];

  static async start(kubeconfigPath: string): Promise<RunnerBench> {
    const pods = await TestPods.start(kubeconfigPath);
    for (const account of ['autoweave-runner', 'awp-p']) await pods.account(account);
    const bench = new RunnerBench(pods, await mkdtemp(join(tmpdir(), 'autoweave-runners-')));
    await bench.startExecutor();
    return bench;
  }

  private constructor(pods: TestPods, directory: string) {
    this.pods = pods;
    this.directory = directory;
  }

  /** The next one listens where the last one did. */
  async startExecutor(): Promise<void> {
    const { client, node } = this.pods;
    const fetch = async (digest: string): Promise<PluginBundle> => {
      const bundle = this.bundles.get(digest);
      if (bundle === undefined) throw new AutoWeaveError('AW_BUNDLE_MISSING', digest);
      return bundle;
    };
    this.runtime = new RunnerPluginRuntime({
      pods: { host: '127.0.0.1', port: this.port, authenticator: new TokenReviewAuthenticator({ client, node }) },
      bundles: { fetch },
      store: this.store,
      logger: silent,
      metrics: new MetricsRegistry(),
    });
    this.port = (await this.runtime.start()).port ?? 0;
  }

  async stopExecutor(): Promise<void> {
    await this.runtime?.stop();
  }

  /** @returns what the hook returned, or the code of the failure. */
  async run(plugin: RunnablePlugin, payload?: unknown, event?: HookArgument['event']): Promise<unknown> {
    const hook: HookName = event === undefined ? 'onJob' : 'onAttach';
    const argument = event === undefined ? { jobId: 'j', payload } : { jobId: 'j', event };
    try {
      return await this.runtime?.call({ plugin, hook, argument });
    } catch (error) {
      return error instanceof AutoWeaveError ? error.code : error;
    }
  }

  /** The container of role `namespace`. */
  async namespaceRunner(): Promise<TestContainer> {
    return this.runner('namespace', await this.tokenFile(await this.pods.pod('autoweave-runner')));
  }

  /** The container of role `sidecar` of the plugin `p`, which listens. */
  async sidecar(probePort = 0): Promise<TestContainer> {
    await rm(this.socketPath, { force: true });
    const container = this.runner('sidecar', {
      ...(await this.tokenFile(await this.pods.pod('awp-p'))),
      AW_RUNNER_SOCKET: this.socketPath,
      AW_PROBE_PORT: String(probePort),
    });
    await vi.waitFor(() => access(this.socketPath), patient);
    return container;
  }

  get socketPath(): string {
    return join(this.directory, 'plugin.sock');
  }

  /** The container of role `plugin`. */
  plugin(): TestContainer {
    return this.runner('plugin', { AW_RUNNER_SOCKET: this.socketPath });
  }

  runner(role: string, environment: Readonly<Record<string, string>>): TestContainer {
    const parameters = ['--disable-warning=ExperimentalWarning', runnerEntry, role];
    return this.container({ parameters, environment: { ...this.#common(), ...environment } });
  }

  /** A program in Python in place of plugin.py, or that. */
  async python(source?: string): Promise<TestContainer> {
    const file = join(source === undefined ? pythonExample : this.directory, 'plugin.py');
    if (source !== undefined) await writeFile(file, source);
    const environment = { AW_RUNNER_SOCKET: this.socketPath, PYTHONPATH: pythonExample, PYTHONDONTWRITEBYTECODE: '1' };
    return this.container({ command: pythonPath() ?? 'python3', parameters: ['-u', file], environment });
  }

  /** A program of Node in the container of the plugin; `socket` is connected to the sidecar. It ends with 7 with it. */
  stranger(code: string): TestContainer {
    const program = `const socket = require('node:net').connect(process.env.AW_RUNNER_SOCKET);
      const hello = '{"type":"hello","version":1}\\n';
      socket.on('error', () => {}).on('close', () => process.exit(7)).resume();
      ${code}`;
    return this.container({ parameters: ['-e', program], environment: { AW_RUNNER_SOCKET: this.socketPath } });
  }

  container({ command = process.execPath, parameters, environment }: ContainerOptions): TestContainer {
    const child = spawn(command, parameters, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    const container = { process: child, output: () => output, ended };
    this.#containers.push(container);
    return container;
  }

  async tokenFile(pod: TestPod): Promise<Readonly<Record<string, string>>> {
    const file = join(this.directory, `token-${pod.name}`);
    await writeFile(file, await this.pods.token(pod));
    return { AW_RUNNER_TOKEN_FILE: file };
  }

  async stop(): Promise<void> {
    for (const { process: child, ended } of this.#containers) {
      for (const pid of [...(await childrenOf(child.pid ?? 0)), child.pid ?? 0]) kill(pid);
      await ended;
    }
    await this.stopExecutor();
    await this.pods.stop();
    await rm(this.directory, { recursive: true });
  }

  #common(): Readonly<Record<string, string>> {
    return {
      AW_EXECUTOR_ADDRESS: `127.0.0.1:${this.port}`,
      AW_RUNNER_NAMESPACE: this.pods.namespace,
      AW_PROBE_PORT: '0',
    };
  }
}

/** Of a running process. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  try {
    const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return list.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The only child of a supervisor. */
export async function hostOf({ process: { pid = 0 } }: TestContainer): Promise<number> {
  return vi.waitFor(async () => {
    const [host] = await childrenOf(pid);
    if (host === undefined) throw new Error('it has no child');
    return host;
  }, patient);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
