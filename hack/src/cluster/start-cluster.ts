import { AutoWeaveError } from '@autoweave/platform/errors';
import { DeathWatch } from '../processes/death-watch.ts';
import { type ToolContext, toolContext } from '../tools/index.ts';
import type { Cluster } from './cluster.ts';
import { runningSandbox, tearDown } from './cluster-setup.ts';
import { defaultDirectory } from './default-directory.ts';
import { clusterLayout } from './layout.ts';
import { type ClusterNode, nodeNames } from './network.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { up } from './up.ts';

export interface ClusterOptions {
  /** Both by default. */
  readonly nodes?: readonly ClusterNode[];
  /** Paths of the image archives that the nodes get; those of this repository by default. */
  readonly images?: readonly string[];
  /** Number of simulated nodes; none by default. */
  readonly kwokNodes?: number;
  readonly context?: ToolContext;
}

/**
 * Starts a cluster that ends with this process at the latest. A machine can have one at a time.
 * @throws AutoWeaveError AW_LOCAL_SERVER_FAILED when there is one already, or with the end of the log of what did not start.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { nodes = nodeNames, images, kwokNodes = 0, context = toolContext() } = options;
  const layout = clusterLayout(defaultDirectory);
  if ((await runningSandbox(layout)) !== undefined) {
    const message = 'A cluster is up on this machine; end it by: npm run cluster -- down';
    throw new AutoWeaveError('AW_LOCAL_SERVER_FAILED', message);
  }
  let watch: DeathWatch | undefined;
  const stop = async (): Promise<void> => {
    await tearDown(layout);
    watch?.disarm();
  };
  try {
    // What is left of this machine's own when it strikes is removed by the next start.
    const onSandbox = ({ identity }: Sandbox): void => {
      watch = new DeathWatch({ processId: identity.group });
    };
    return await up({ context, layout, nodes, images, kwokNodes, onSandbox, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}
