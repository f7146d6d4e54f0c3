import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HookName, PluginBundle, ProtocolError } from '@autoweave/crds';
import type { RequestAnswer, SandboxLog } from '../plugin-sandbox.ts';
import { RunnerError } from '../runner-error.ts';
import type { FromSandboxes, ToSandboxes } from './sandbox-messages.ts';

/** A bundle of one module, or of several. For tests; the digests are not looked at inside a runner. */
export function bundleOf(source: string | Readonly<Record<string, string>>): PluginBundle {
  const files = typeof source === 'string' ? { 'index.js': source } : source;
  const digest = `sha256:${'0'.repeat(64)}`;
  const digests = Object.fromEntries(Object.keys(files).map((path) => [path, digest]));
  return { manifest: { manifestVersion: 1, name: 'p', version: '1.0.0', entry: 'index.js', files: digests }, files };
}

export interface BenchOptions {
  readonly memoryMegabytes?: number;
  readonly timeoutMilliseconds?: number;
  readonly request?: (capability: string, values: unknown) => Promise<RequestAnswer>;
}

/** A sandbox whose plugin a test can load and call, with what it told. */
export interface Bench {
  readonly logs: readonly SandboxLog[];
  readonly ends: readonly ProtocolError[];
  /** Whether its thread could not be stopped. */
  readonly stuck: boolean;
  load(bundle: PluginBundle): Promise<void>;
  /** @returns what the hook returned. */
  call(hook?: HookName, options?: { timeoutMilliseconds?: number; subject?: unknown }): Promise<unknown>;
  stop(): Promise<void>;
}

interface Told {
  readonly logs: SandboxLog[];
  readonly ends: ProtocolError[];
  stuck: boolean;
  readonly request: BenchOptions['request'];
}

type Question = { readonly type: 'load' | 'call' | 'stop' } & Record<string, unknown>;

/** Sandboxes in a process of their own. */
export class Benches {
  readonly #process: ChildProcess;
  readonly #told = new Map<number, Told>();
  readonly #asked = new Map<number, PromiseWithResolvers<string | undefined>>();
  #lastId = 0;

  constructor() {
    const module = fileURLToPath(new URL('./sandbox-process.ts', import.meta.url));
    this.#process = fork(module, { execArgv: ['--disable-warning=ExperimentalWarning'], serialization: 'advanced' });
    this.#process.on('message', (message: FromSandboxes) => this.#receive(message));
    this.#process.on('exit', (_, signal) => {
      for (const { reject } of this.#asked.values()) reject(new Error(`the process of the sandboxes ended: ${signal}`));
    });
  }

  create({ memoryMegabytes = 32, timeoutMilliseconds = 10_000, request }: BenchOptions = {}): Bench {
    const sandbox = (this.#lastId += 1);
    const told: Told = { logs: [], ends: [], stuck: false, request };
    this.#told.set(sandbox, told);
    this.#send({ type: 'create', sandbox, memoryMegabytes, timeoutMilliseconds });
    return {
      logs: told.logs,
      ends: told.ends,
      get stuck() {
        return told.stuck;
      },
      load: async (bundle) => void (await this.#ask(sandbox, { type: 'load', bundle })),
      stop: async () => void (await this.#ask(sandbox, { type: 'stop' })),
      call: async (hook = 'onJob', { timeoutMilliseconds: limit = 10_000, subject = {} } = {}) => {
        const argument = JSON.stringify({ subject, context: { deadline: Date.now() + limit } });
        const call = { hook, argument, timeoutMilliseconds: limit };
        const json = await this.#ask(sandbox, { type: 'call', call });
        return json === undefined ? undefined : (JSON.parse(json) as unknown);
      },
    };
  }

  /** A loaded plugin whose onJob has this body; `job` and `context` are in scope. */
  async loaded(body: string, options: BenchOptions = {}): Promise<Bench> {
    const bench = this.create(options);
    await bench.load(bundleOf(`export default { async onJob(job, context) { ${body} } };`));
    return bench;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  #ask(sandbox: number, question: Question): Promise<string | undefined> {
    const id = (this.#lastId += 1);
    const answer = Promise.withResolvers<string | undefined>();
    this.#asked.set(id, answer);
    this.#send({ ...question, sandbox, id } as ToSandboxes);
    return answer.promise;
  }

  #receive(message: FromSandboxes): void {
    if (message.type === 'answer') {
      const asked = this.#asked.get(message.id);
      this.#asked.delete(message.id);
      if (message.error === undefined) asked?.resolve(message.value);
      else asked?.reject(new RunnerError(message.error.code as RunnerError['code'], message.error.message));
      return;
    }
    const told = this.#told.get(message.sandbox);
    if (told === undefined) return;
    if (message.type === 'log') told.logs.push(message.entry);
    else if (message.type === 'ended') told.ends.push(message.error);
    else if (message.type === 'stuck') told.stuck = true;
    else void this.#respond(message, told);
  }

  async #respond({ id, capability, values }: FromSandboxes & { type: 'request' }, { request }: Told): Promise<void> {
    this.#send({ type: 'response', id, answer: (await request?.(capability, JSON.parse(values))) ?? {} });
  }

  #send(message: ToSandboxes): void {
    if (this.#process.connected) this.#process.send(message);
  }
}
