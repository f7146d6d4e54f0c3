import { mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../processes/free-ports.ts';
import { ServerProcess } from '../processes/server-process.ts';

const root = join(import.meta.dirname, '../../..');
const probe = join(import.meta.dirname, 'heap-probe.ts');

export const nodeName = 'node-1';

export interface ProductOptions {
  /** Empty, for this process alone. */
  readonly directory: string;
  readonly redisUrl: string;
  readonly kubeconfigPath: string;
}

/** One of our own processes, started as `npm start` does, that can be asked for its live heap. */
export class ProductProcess {
  readonly port: number;
  readonly #server: ServerProcess;
  readonly #heapFile: string;

  constructor(
    main: string,
    parameters: readonly string[],
    options: ProductOptions & { readonly port: number; readonly nodeFlags?: readonly string[] },
  ) {
    const { directory, redisUrl, kubeconfigPath, port, nodeFlags = [] } = options;
    mkdirSync(directory, { recursive: true });
    this.port = port;
    this.#heapFile = join(directory, 'heap');
    const shared = ['--probe-host', '127.0.0.1', '--probe-port', String(port), '--log-level', 'warn'];
    this.#server = new ServerProcess({
      command: process.execPath,
      parameters: [...nodeFlags, '--expose-gc', '--import', probe, join(root, main), ...parameters, ...shared],
      directory,
      logFile: join(directory, 'log'),
      environment: {
        ...process.env,
        REDIS_URL: redisUrl,
        KUBECONFIG: kubeconfigPath,
        AW_HEAP_FILE: this.#heapFile,
        // Without it every start would strip the types anew, with a compiler that stays in memory. Images hold JavaScript.
        NODE_COMPILE_CACHE: join(root, '.cache/node-compile'),
      },
      isReady: async (signal) => (await fetch(`http://127.0.0.1:${port}/readyz`, { signal })).ok,
    });
  }

  get processId(): number {
    const { processId } = this.#server;
    if (processId === undefined) throw new Error('A process under test is gone');
    return processId;
  }

  get isRunning(): boolean {
    return this.#server.processId !== undefined;
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** SIGKILL, as in a crash; `start` brings it back with its data. */
  kill(): Promise<void> {
    return this.#server.kill();
  }

  /** Bytes of heap and external memory after a full collection. */
  async liveBytes(): Promise<number> {
    await rm(this.#heapFile, { force: true });
    process.kill(this.processId, 'SIGUSR2');
    for (let attempt = 0; attempt < 500; attempt += 1) {
      const text = await readFile(this.#heapFile, 'utf8').catch(() => '');
      if (text !== '') return Number(text);
      await delay(10);
    }
    throw new Error('A process under test did not tell its heap');
  }
}

export async function makeAgent(
  options: ProductOptions & { readonly sysfsRoot: string; readonly parameters?: readonly string[] },
): Promise<ProductProcess> {
  const { directory, sysfsRoot, parameters = [] } = options;
  const journal = join(directory, 'journal');
  mkdirSync(journal, { recursive: true });
  const [port = 0] = await freePorts(1);
  const usb = ['--usb-source', 'kernel', '--sysfs-root', sysfsRoot, '--dev-root', join(directory, 'dev')];
  const own = ['--node-name', nodeName, '--journal-directory', journal, ...usb, ...parameters];
  // Saves about 25 MB on every node; set after the start, V8 may crash of it.
  const nodeFlags = ['--optimize-for-size'];
  return new ProductProcess('node-agent/src/agent/main.ts', own, { ...options, port, nodeFlags });
}

export async function makeExecutor(options: ProductOptions & { readonly agentPort: number }): Promise<ProductProcess> {
  const [port = 0] = await freePorts(1);
  const agentUrl = `http://127.0.0.1:${options.agentPort}`;
  const runnerEntry = join(root, 'plugins/runner/src/main.ts');
  const parameters = ['--node-name', nodeName, '--agent-url', agentUrl, '--runner-entry', runnerEntry];
  return new ProductProcess('node-agent/src/executor/main.ts', parameters, { ...options, port });
}

export async function makeOperator(options: ProductOptions): Promise<ProductProcess> {
  const [port = 0] = await freePorts(1);
  return new ProductProcess('operator/src/main.ts', [], { ...options, port });
}
