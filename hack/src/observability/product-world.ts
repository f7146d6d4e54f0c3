import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { applyNamespace } from '../start/example-objects.ts';
import { makeProductProcesses } from '../start/product-processes.ts';
import { makeRunDirectory, type RunDirectory } from '../start/run-directory.ts';
import { type ControlPlane, startControlPlane, startRedisServer } from '../testing/index.ts';

const systemNamespace = 'autoweave-system';

export interface ProductWorldOptions {
  readonly nodeName: string;
  /** Settings of every process of ours. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Operator, agent and executor of one node whose devices come and go, with an API server and a Redis of their own. */
export class ProductWorld {
  readonly plane: ControlPlane;
  readonly client: KubeClient;
  readonly #run: RunDirectory;
  readonly #cleanup: AsyncDisposableStack;

  private constructor(plane: ControlPlane, client: KubeClient, run: RunDirectory, cleanup: AsyncDisposableStack) {
    this.plane = plane;
    this.client = client;
    this.#run = run;
    this.#cleanup = cleanup;
  }

  /** Resolves when all are ready. */
  static async start({ nodeName, environment = {} }: ProductWorldOptions): Promise<ProductWorld> {
    await using cleanup = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'autoweave-world-'));
    cleanup.defer(() => rm(directory, { recursive: true, force: true }));
    const plane = await startControlPlane();
    cleanup.defer(() => plane.stop());
    const redis = await startRedisServer();
    cleanup.defer(() => redis.stop());
    const { kubeconfigPath } = plane;
    const client = new KubeClient(await loadClusterAccess({ kubeconfigPath }));
    cleanup.defer(() => client.close());
    await applyNamespace(client, systemNamespace);
    const run = await makeRunDirectory(directory);
    const products = await makeProductProcesses({
      run,
      kubeconfigPath,
      redisUrl: redis.url,
      nodeName,
      usbSource: 'simulated',
      logLevel: 'info',
      namespace: systemNamespace,
      environment: { ...process.env, ...environment },
    });
    cleanup.defer(() => products.stop());
    await products.start();
    return new ProductWorld(plane, client, run, cleanup.move());
  }

  log(name: 'operator' | 'agent' | 'executor'): Promise<string> {
    return readFile(this.#run.logFile(name), 'utf8');
  }

  async stop(): Promise<void> {
    await this.#cleanup.disposeAsync();
  }
}
