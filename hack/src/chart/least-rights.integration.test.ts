import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redisKeys, resources, type AutoWeavePlugin, type UsbNode } from '@autoweave/crds';
import { findCondition } from '@autoweave/platform/kube';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../processes/free-ports.ts';
import { runCommand } from '../processes/run-command.ts';
import { ServerProcess } from '../processes/server-process.ts';
import { ChartCluster } from './testing/chart-cluster.ts';
import { type ChartRedis, startChartRedis } from './testing/chart-redis.ts';

const root = join(import.meta.dirname, '../../..');
const node = 'node-a';
const namespace = 'autoweave-plugins';
const values = {
  redis: { auth: { password: 'correct-horse-battery' }, intakeUser: { enabled: true } },
  policy: { create: true, spec: { plugins: { allowUnsigned: [{ namespace }] } } },
};
const patience = { timeout: 50_000, interval: 250 };

let cluster: ChartCluster;
let redis: ChartRedis;
let operatorPort: number;
const processes: ServerProcess[] = [];

beforeAll(async () => {
  cluster = await ChartCluster.start();
  redis = await startChartRedis(await cluster.helm.template(values));
  await cluster.helm.release('install', values);
  await cluster.kubectl(['create', '--filename', join(import.meta.dirname, 'testdata/node-a.yaml')]);
  await startProduct();
}, 900_000);

afterAll(async () => {
  await Promise.all(processes.map((started) => started.stop()));
  await redis?.stop();
  await cluster?.stop();
});

describe('the product, with the rights that the chart gives it and no others', () => {
  it('runs a plugin on the events of devices, and nobody is refused anything', async () => {
    const text = await readFile(join(root, 'plugins/device-inventory/autoweaveplugin.yaml'), 'utf8');
    const plugin = parse(text) as AutoWeavePlugin;
    const metadata = { ...plugin.metadata, namespace };
    await cluster.admin.apply<AutoWeavePlugin>(
      resources.autoWeavePlugin,
      { ...plugin, metadata },
      { fieldManager: 'test' },
    );
    const read = () => cluster.admin.get<AutoWeavePlugin>(resources.autoWeavePlugin, metadata);
    await expect.poll(async () => (await read())?.status?.results?.succeeded ?? 0, patience).toBeGreaterThan(1);
    const usbNode = await cluster.admin.get<UsbNode>(resources.usbNode, { name: node });
    expect(findCondition(usbNode?.status?.conditions ?? [], 'Ready')?.status).toBe('True');
    expect(await cluster.kubectl(['get', 'nodes', node, '--output=jsonpath={.metadata.labels}'])).toContain(
      'usb.autoweave.dev/',
    );
    expect(await refusals()).toEqual([]);
    expect(await forbidden()).toEqual([]);
  });

  it('makes the pods of plugins, and takes them away', async () => {
    const text = await readFile(join(root, 'crds/samples/good/autoweaveplugin-pod.yaml'), 'utf8');
    const { spec, ...sample } = parse(text) as AutoWeavePlugin;
    const placements = { 'by-device': {}, anywhere: { nodes: 'Any' }, once: { once: true } } as const;
    const plugins = Object.entries(placements).map(([name, placement]) => ({
      ...sample,
      metadata: { name, namespace },
      spec: { ...spec, placement },
    }));
    for (const plugin of plugins) {
      await cluster.admin.apply<AutoWeavePlugin>(resources.autoWeavePlugin, plugin, { fieldManager: 'test' });
    }
    await expect
      .poll(workloads, patience)
      .toEqual([
        'daemonset.apps/autoweave-runner',
        'daemonset.apps/awp-by-device',
        'deployment.apps/awp-anywhere',
        'job.batch/awp-once',
      ]);
    const byDevice = { name: 'by-device', namespace };
    const suspended = { metadata: byDevice, spec: { suspend: true } };
    await cluster.admin.apply(resources.autoWeavePlugin, suspended, { fieldManager: 'another', force: true });
    await expect.poll(workloads, patience).not.toContain('daemonset.apps/awp-by-device');
    expect(await forbidden()).toEqual([]);
  });

  it('is found to work by the command of helm test', async () => {
    const operatorUrl = `http://127.0.0.1:${operatorPort}`;
    await cluster.makeHooks('test');
    const account = { namespace: 'autoweave-system', name: 'autoweave-test' };
    const environment = { KUBECONFIG: await cluster.kubeconfigOf(account), AW_OPERATOR_URL: operatorUrl };
    const check = () => runCommand(process.execPath, [join(root, 'operator/src/main.ts'), 'check'], { environment });
    expect(await check()).toContain('Operator and node agents are ready');
  });

  it('takes up its work again when Redis lost everything, its functions, too', async () => {
    await redis.server.kill();
    rmSync(join(redis.server.directory, 'appendonlydir'), { recursive: true });
    await redis.server.start();
    const admin = connect(redis.adminUrl);
    await expect.poll(() => admin.xlen(redisKeys.hotplugStream), patience).toBeGreaterThan(0);
    await expect.poll(() => admin.xlen(redisKeys.resultStream), patience).toBeGreaterThan(0);
    // Who finds them missing tries to bring them, and has to wait for the operator.
    expect(new Set((await refusals()).map(({ object }) => object))).toBeOneOf([new Set(), new Set(['function|load'])]);
  });

  it('lets a client of the open door add a job, and see what came of it', async () => {
    const url = new URL(redis.url('intake'));
    const connection = { host: url.hostname, port: Number(url.port), username: url.username, password: url.password };
    const queue = new Queue('plugin-jobs', { connection });
    onTestFinished(() => queue.close());
    const job = await queue.add('plugin.job', { plugin: { namespace, name: 'device-inventory' }, payload: {} });
    await expect.poll(() => job.getState(), patience).toBe('completed');
    expect((await refusals()).filter(({ username }) => username === 'intake')).toEqual([]);
  });
});

/** As in the pods, but for addresses, and runners that are processes beside pods that nothing runs. */
async function startProduct(): Promise<void> {
  const [agentPort = 0, executorPort = 0] = await freePorts(2);
  [operatorPort = 0] = await freePorts(1);
  const pod = await cluster.makePod({ namespace: 'autoweave-node', serviceAccount: 'autoweave-node-agent', node });
  const agentAccount = { namespace: 'autoweave-node', name: 'autoweave-node-agent', pod };
  const nodeKubeconfig = await cluster.kubeconfigOf(agentAccount);
  const operatorAccount = { namespace: 'autoweave-system', name: 'autoweave-operator' };
  const directory = cluster.plane.directory;
  const common = { NODE_NAME: node, LOG_LEVEL: 'debug', AW_PROBE_HOST: '127.0.0.1' };
  start('operator', 'operator/src/main.ts', operatorPort, {
    ...common,
    KUBECONFIG: await cluster.kubeconfigOf(operatorAccount),
    REDIS_URL: redis.url('operator'),
    POD_NAME: 'operator-0',
    AW_RUNNER_PODS: 'true',
    AW_RUNNER_IMAGE: 'autoweave/runner:0.1.0',
    AW_PLUGIN_NAMESPACES: namespace,
  });
  start('agent', 'node-agent/src/agent/main.ts', agentPort, {
    ...common,
    KUBECONFIG: nodeKubeconfig,
    REDIS_URL: redis.url('agent'),
    AW_USB_SOURCE: 'simulated',
    AW_JOURNAL_DIRECTORY: join(directory, 'journal'),
  });
  start('executor', 'node-agent/src/executor/main.ts', executorPort, {
    ...common,
    KUBECONFIG: nodeKubeconfig,
    REDIS_URL: redis.url('executor'),
    AW_AGENT_URL: `http://127.0.0.1:${agentPort}`,
    AW_RUNNER_ENTRY: join(root, 'plugins/runner/src/main.ts'),
  });
  // Only the operator may bring the functions to Redis: the others wait for them.
  for (const started of processes) await started.start();
}

function start(name: string, entry: string, port: number, environment: NodeJS.ProcessEnv): void {
  const { directory } = cluster.plane;
  const started = new ServerProcess({
    command: process.execPath,
    parameters: [join(root, entry)],
    directory,
    logFile: logFileOf(name),
    environment: { ...process.env, ...environment, AW_PROBE_PORT: String(port) },
    isReady: async (signal) => (await fetch(`http://127.0.0.1:${port}/readyz`, { signal })).ok,
  });
  processes.push(started);
}

function logFileOf(name: string): string {
  return join(cluster.plane.directory, `${name}.log`);
}

interface Refusal {
  readonly username: string;
  /** `command`, `key` or `channel`. */
  readonly reason: string;
  /** The command, or the key. */
  readonly object: string;
}

/** What Redis refused to users of the chart. */
async function refusals(): Promise<readonly Refusal[]> {
  const entries = (await connect(redis.adminUrl).acl('LOG')) as readonly (readonly string[])[];
  return entries.map((entry) => {
    const field = (name: string): string => String(entry[entry.indexOf(name) + 1]);
    return { username: field('username'), reason: field('reason'), object: field('object') };
  });
}

/** What was made in the namespace of plugins. */
async function workloads(): Promise<readonly string[]> {
  const kinds = 'daemonsets,deployments,jobs';
  const names = await cluster.kubectl(['get', kinds, `--namespace=${namespace}`, '--output=name']);
  return names
    .split('\n')
    .filter((name) => name !== '')
    .toSorted();
}

/** Lines of the logs that tell of a refusal of the API server. */
async function forbidden(): Promise<readonly string[]> {
  const names = ['operator', 'agent', 'executor'];
  const logs = await Promise.all(names.map((name) => readFile(logFileOf(name), 'utf8')));
  return logs.flatMap((log) => log.split('\n').filter((line) => /forbidden/i.test(line)));
}

function connect(url: string): Redis {
  const connection = new Redis(url, { replyMapping: 'legacy' });
  connection.on('error', () => undefined);
  onTestFinished(() => connection.disconnect());
  return connection;
}
