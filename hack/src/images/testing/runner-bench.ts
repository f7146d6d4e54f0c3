import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ExecutorMessage, type RunnerMessage, textDigest } from '@autoweave/crds';

const plugin = { namespace: 'default', name: 'tried' };
const limits = { memoryMegabytes: 64, timeoutSeconds: 30 };

/** A runner as a process, with a test in the place of its executor. */
export class RunnerBench implements AsyncDisposable {
  readonly #directory: string;
  readonly #server: Server;
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(parts: { directory: string; server: Server; child: ChildProcess; socket: Socket }) {
    this.#directory = parts.directory;
    this.#server = parts.server;
    this.#child = parts.child;
    this.#socket = parts.socket;
    this.#lines = createInterface({ input: parts.socket })[Symbol.asyncIterator]();
  }

  /** Resolves when the runner has dialled, and was made welcome. */
  static async start(file: string): Promise<RunnerBench> {
    const directory = await mkdtemp(join(tmpdir(), 'autoweave-runner-'));
    const path = join(directory, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const child = spawn(process.execPath, [file], {
      env: { AW_RUNNER_SOCKET: path, AW_RUNNER_NAMESPACE: plugin.namespace, AW_RUNNER_TOKEN: 'token' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [socket] = (await once(server, 'connection')) as [Socket];
    const bench = new RunnerBench({ directory, server, child, socket });
    await bench.#next('hello');
    bench.#send({ type: 'welcome', version: 1 });
    return bench;
  }

  /** @throws Error with what the runner answers */
  async load(code: string): Promise<void> {
    const files = { 'index.js': code };
    const manifest = {
      manifestVersion: 1,
      name: plugin.name,
      version: '1.0.0',
      entry: 'index.js',
      files: { 'index.js': textDigest(code) },
    } as const;
    const bundle = { manifest, files };
    await this.#ask({ type: 'load', id: '1', plugin, uid: 'uid', digest: textDigest(code), bundle, ...limits });
  }

  /** What the plugin's onJob returns. */
  call(payload: unknown): Promise<unknown> {
    const argument = { jobId: 'job', payload };
    return this.#ask({ type: 'call', id: '2', plugin, hook: 'onJob', argument, timeoutSeconds: 30 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    this.#socket.destroy();
    this.#server.close();
    await rm(this.#directory, { recursive: true });
  }

  async #ask(message: ExecutorMessage): Promise<unknown> {
    this.#send(message);
    const { value, error } = await this.#next('result');
    if (error !== undefined) throw new Error(`${error.code}: ${error.message}`);
    return value;
  }

  #send(message: ExecutorMessage): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  async #next<Type extends RunnerMessage['type']>(type: Type): Promise<RunnerMessage & { type: Type }> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) throw new Error('The runner hung up');
      const message = JSON.parse(value) as RunnerMessage;
      if (message.type === type) return message as RunnerMessage & { type: Type };
    }
  }
}
