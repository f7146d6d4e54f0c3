import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { imageArchives } from '../images/index.ts';
import { type Cluster, type ClusterNode, startCluster } from './index.ts';
import { confinedProcesses, type MachineState, machineState, stillRunning } from './testing/machine-state.ts';
import { restrictedPod, type RestrictedPodOptions } from './testing/restricted-pod.ts';

const namespace = 'cluster-test';
const neededImages: ReadonlySet<string> = new Set(['autoweave/pause', 'autoweave/base']);
const timeout = '--timeout=180s';

let machineBefore: MachineState;
let processesBefore: ReadonlySet<number>;
let cluster: Cluster;

beforeAll(async () => {
  const archives = (await imageArchives()).filter(({ name }) => neededImages.has(name));
  machineBefore = await machineState();
  processesBefore = new Set((await confinedProcesses()).map(({ id }) => id));
  cluster = await startCluster({ images: archives.map(({ path }) => path), kwokNodes: 2 });
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  await inNamespace('wait', '--for=create', timeout, 'serviceaccount/default');
  return () => cluster.stop();
}, 600_000);

async function apply(object: unknown): Promise<void> {
  const file = join(cluster.logs, `object-${randomUUID()}.json`);
  await writeFile(file, JSON.stringify(object));
  await cluster.kubectl('apply', '--server-side', `--filename=${file}`);
}

type Program = Omit<RestrictedPodOptions, 'namespace'>;

function inNamespace(...parameters: string[]): Promise<string> {
  return cluster.kubectl(`--namespace=${namespace}`, ...parameters);
}

/** Starts a server that says its name, with a Service of that name. */
async function serve(name: string, node: ClusterNode): Promise<void> {
  const program = `
    import { createServer } from 'node:http';
    createServer((_request, response) => response.end('This is ${name}')).listen(8080, () => console.log('listening'));`;
  const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
  await apply({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec });
  await apply(restrictedPod({ namespace, name, node, program }));
  await expect.poll(() => inNamespace('logs', name).catch(() => ''), { timeout: 180_000 }).toContain('listening');
}

/** What a program wrote until it ended. */
async function outputOf(program: Program): Promise<string> {
  await apply(restrictedPod({ namespace, ...program }));
  const phase = (): Promise<string> => inNamespace('get', 'pod', program.name, '--output=jsonpath={.status.phase}');
  await expect.poll(phase, { timeout: 180_000 }).toMatch(/Succeeded|Failed/);
  return inNamespace('logs', program.name);
}

describe('a cluster on this machine', () => {
  it('has two real nodes and simulated ones, all ready', async () => {
    const nodes = await cluster.kubectl('get', 'nodes', '--output=jsonpath={.items[*].metadata.name}');
    expect(nodes.split(' ')).toEqual(['host', 'kwok-0', 'kwok-1', 'usb']);
    await cluster.kubectl('wait', '--for=condition=Ready', timeout, 'nodes', '--all');
  });

  it('leads restricted pods to each other by the names of services, across nodes', async () => {
    await Promise.all([serve('on-host', 'host'), serve('on-usb', 'usb')]);
    const get = (target: string): string => `
      const answer = await fetch('http://${target}.${namespace}.svc', { signal: AbortSignal.timeout(20_000) });
      console.log(await answer.text());`;
    expect(await outputOf({ name: 'ask-usb', node: 'host', program: get('on-usb') })).toBe('This is on-usb\n');
    expect(await outputOf({ name: 'ask-host', node: 'usb', program: get('on-host') })).toBe('This is on-host\n');
  });

  it('lets this machine reach services', async () => {
    const address = await inNamespace('get', 'service', 'on-usb', '--output=jsonpath={.spec.clusterIP}');
    expect(await (await fetch(`http://${address}`)).text()).toBe('This is on-usb');
  });

  it.each(['host', 'usb'] as const)('leaves plugin containers on %s no sockets but those of Unix', async (node) => {
    const program = `
      import { connect, createServer } from 'node:net';
      import { createSocket } from 'node:dgram';
      const codeOf = (emitter) => new Promise((resolve) => emitter.once('error', ({ code }) => resolve(code)));
      const codes = await Promise.all([codeOf(connect(443, '10.233.0.1')), codeOf(createSocket('udp4').bind(0))]);
      await new Promise((resolve) => createServer().listen('/scratch/socket', resolve));
      console.log(codes.join(' '), 'and Unix works');
      process.exit();`;
    const seccompProfile = 'autoweave/plugin.json';
    const output = await outputOf({ name: `plugin-on-${node}`, node, program, seccompProfile });
    expect(output).toBe('EPERM EPERM and Unix works\n');
  });

  it('shows devices to pods of the USB node while they are plugged in', async () => {
    const serials = (): Promise<string> =>
      inNamespace('exec', 'on-usb', '--', 'sh', '-c', 'cat /sys/bus/usb/devices/*/serial');
    const id = await cluster.plug({ driver: 'usb-kbd', serial: 'CLUSTER-1' });
    await expect.poll(serials).toContain('CLUSTER-1');
    await cluster.unplug(id);
    await expect.poll(serials).not.toContain('CLUSTER-1');
  });

  it('keeps pods running while kubelet and containerd are killed and started again', async () => {
    await cluster.restartContainerd();
    await cluster.restartKubelet();
    await cluster.kubectl('wait', '--for=condition=Ready', timeout, 'node/host');
    const output = '--output=jsonpath={.status.phase} {.status.containerStatuses[0].restartCount}';
    expect(await inNamespace('get', 'pod', 'on-host', output)).toBe('Running 0');
    // A kubelet that has just started does not know its pods yet.
    await expect.poll(() => inNamespace('exec', 'on-host', '--', 'echo', 'here').catch(() => '')).toBe('here\n');
  });

  it('leaves no process, mount, link, route, nftables table or cgroup behind', async () => {
    const processes = (await confinedProcesses()).filter(({ id }) => !processesBefore.has(id));
    expect(processes.length).toBeGreaterThan(10);
    await cluster.stop();
    expect(await stillRunning(processes)).toEqual([]);
    expect(await machineState()).toEqual(machineBefore);
  });
});
