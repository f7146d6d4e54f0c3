import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resources } from '@autoweave/crds';
import {
  applyManifests,
  runKubectl,
  startControlPlane,
  startRedisServer,
  type ControlPlane,
  type RedisServer,
} from '@autoweave/hack/testing';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ScannedDevice } from './ports.ts';
import { recordedDevices } from './sources/recorded-devices.ts';
import { SysfsSource } from './sources/sysfs-source.ts';
import { writeSysfsTree } from './sources/sysfs-tree.ts';
import { ClusterView } from './testing/cluster-view.ts';
import { emptyMachine, runAgent, type AgentEnvironment } from './testing/run-agent.ts';
import { temporaryDirectory } from './testing/temporary-journal.ts';

const patience = { timeout: 20_000, interval: 50 };
const [keyboard, mouse, stick] = recordedDevices as readonly [ScannedDevice, ScannedDevice, ScannedDevice];

let plane: ControlPlane;
let redisServer: RedisServer;
let redis: Redis;
let client: KubeClient;
let environment: AgentEnvironment;
let view: ClusterView;

beforeAll(async () => {
  [plane, redisServer] = await Promise.all([startControlPlane(), startRedisServer()]);
  const logger = createLogger({ name: 'test', level: 'silent' });
  redis = createRedis({ url: redisServer.url, name: 'test', logger });
  client = new KubeClient(await loadClusterAccess({ kubeconfigPath: plane.kubeconfigPath }));
  return async () => {
    client.close();
    await closeRedis(redis);
    await Promise.all([plane.stop(), redisServer.stop()]);
  };
});
beforeEach(() => {
  const nodeName = `node-${randomUUID()}`;
  environment = { nodeName, redisUrl: redisServer.url, kubeconfigPath: plane.kubeconfigPath };
  view = new ClusterView({ client, redis, nodeName });
});

async function expectActions(actions: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    expect((await view.events()).map((event) => `${event['action']} ${event['product']}`)).toEqual(actions);
  }, patience);
}

async function expectPresentCount(count: number): Promise<void> {
  await vi.waitFor(async () => expect(await view.present()).toHaveLength(count), patience);
}

describe('the agent', () => {
  it('tells of a plug in the stream, in a UsbDevice and over HTTP', async () => {
    const { usb, simulated } = emptyMachine();
    const { probe } = await runAgent(environment, usb);
    simulated.plug(stick);
    await expectPresentCount(1);
    await expectActions(['attach Ultra']);
    const [name = ''] = await view.present();
    const row = await runKubectl(plane, ['get', 'usbdevices', name, '--no-headers', '--output=wide']);
    const { nodeName } = environment;
    expect(row.trim().split(/ {2,}/)).toEqual(
      expect.arrayContaining([name, nodeName, 'SanDisk', 'Ultra', stick.serialNumber]),
    );
    expect(JSON.parse(await probe('/devices'))).toMatchObject([{ name, nodeName, sysfsName: '2-1', present: true }]);
    expect((await view.events())[0]).toMatchObject({ device_name: name, source: 'simulated', partial: 'false' });
    simulated.unplug(stick.sysfsName);
    await expectActions(['attach Ultra', 'detach Ultra']);
    await vi.waitFor(async () => expect(await view.presence()).toEqual({ [name]: false }), patience);
  });

  it('tells of its node', async () => {
    const { usb, simulated } = emptyMachine();
    const { probe } = await runAgent(environment, usb);
    simulated.plug(keyboard);
    await vi.waitFor(async () => expect((await view.node())?.status?.devicesPresent).toBe(1), patience);
    await vi.waitFor(async () => expect(await probe('/readyz')).toBe('ok\n'), patience);
    await vi.waitFor(async () => {
      const ready = ['Ready=True', 'UsbAvailable=True', 'RedisReachable=True', 'JournalWritable=True'];
      expect(await view.conditions()).toEqual(ready);
    }, patience);
    expect((await view.node())?.status).toMatchObject({ sources: [{ name: 'simulated', state: 'Active' }] });
  });

  it('announces what is there at its start, and after a restart only what changed meanwhile', async () => {
    const { usb, simulated } = emptyMachine();
    simulated.plug(keyboard);
    simulated.plug(mouse);
    const kept = { ...environment, flags: [`--journal-directory=${temporaryDirectory()}`] };
    const { agent } = await runAgent(kept, { ...usb, dispose: () => undefined });
    await expectActions(['attach USB Keyboard', 'attach USB Optical Mouse']);
    await agent.stop();
    simulated.unplug(mouse.sysfsName);
    simulated.plug(stick);
    await runAgent(kept, usb);
    const all = ['attach USB Keyboard', 'attach USB Optical Mouse', 'detach USB Optical Mouse', 'attach Ultra'];
    await expectActions(all);
    await expectPresentCount(2);
  });

  it('writes everything again when a resync is asked for', async () => {
    const { usb, simulated } = emptyMachine();
    simulated.plug(stick);
    await runAgent(environment, usb);
    await expectPresentCount(1);
    const [name = ''] = await view.present();
    await client.delete(resources.usbDevice, { name });
    const spec = { resyncToken: 'etcd was restored' };
    const metadata = { name: environment.nodeName };
    await client.apply(resources.usbNode, { metadata, spec }, { fieldManager: 'test', force: true });
    await expectPresentCount(1);
    await vi.waitFor(async () => expect((await view.node())?.status?.lastResyncToken).toBe(spec.resyncToken), patience);
  });

  it('hides what the policy filters out, from the first scan on', async () => {
    const metadata = { name: 'default' };
    const spec = (vendorId: string) => ({ devices: { filters: { deny: [{ vendorId }] } } });
    const options = { fieldManager: 'test', force: true };
    await client.apply(resources.autoWeavePolicy, { metadata, spec: spec('046d') }, options);
    onTestFinished(async () => void (await client.delete(resources.autoWeavePolicy, metadata)));
    const { usb, simulated } = emptyMachine();
    simulated.plug(keyboard);
    simulated.plug(stick);
    await runAgent(environment, usb);
    await expectActions(['attach Ultra']);
    await client.apply(resources.autoWeavePolicy, { metadata, spec: spec('0781') }, options);
    await vi.waitFor(async () => {
      const actions = (await view.events()).map((event) => `${event['action']} ${event['product']}`);
      expect(actions.toSorted()).toEqual(['attach USB Keyboard', 'attach Ultra', 'detach Ultra'].toSorted());
    }, patience);
  });

  it('stays up without a USB tree, and continues when there is one', async () => {
    const root = temporaryDirectory();
    const { probe } = await runAgent(environment, { source: new SysfsSource({ root }), edgeSources: [] });
    expect(await probe('/readyz?verbose')).toMatch(/\[-\]usb failed: .+/);
    await vi.waitFor(async () => expect(await view.conditions()).toContain('UsbAvailable=False'), patience);
    expect(await probe('/metrics')).toContain('autoweave_agent_dependency_available{dependency="usb"} 0');
    writeSysfsTree(root, [keyboard]);
    await expectActions(['attach USB Keyboard']);
    await vi.waitFor(async () => expect(await view.conditions()).toContain('UsbAvailable=True'), patience);
  });

  it('stays up while its journal cannot be written, and says so', async () => {
    const blocked = join(temporaryDirectory(), 'blocked');
    writeFileSync(blocked, '');
    const { usb, simulated } = emptyMachine();
    const flags = [`--journal-directory=${join(blocked, 'journal')}`];
    const { probe } = await runAgent({ ...environment, flags }, usb);
    simulated.plug(keyboard);
    await expectActions(['attach USB Keyboard']);
    expect(await probe('/readyz?verbose')).toMatch(/\[-\]journal failed: .+/);
  });

  it('refuses to share its journal', async () => {
    const kept = { ...environment, flags: [`--journal-directory=${temporaryDirectory()}`] };
    await runAgent(kept, emptyMachine().usb);
    await expect(runAgent(kept, emptyMachine().usb)).rejects.toMatchObject({ code: 'AW_JOURNAL_LOCKED' });
  });
});

describe('the agent, while something it needs is away', () => {
  it('starts without Redis and without an API server, and tells all when they come', async () => {
    await Promise.all([plane.killApiServer(), redisServer.kill()]);
    const { usb, simulated } = emptyMachine();
    simulated.plug(keyboard);
    const { probe } = await runAgent(environment, usb);
    simulated.plug(stick);
    await vi.waitFor(async () => expect(JSON.parse(await probe('/devices'))).toHaveLength(2), patience);
    simulated.unplug(keyboard.sysfsName);
    await vi.waitFor(async () => {
      const ready = await probe('/readyz?verbose');
      expect(ready).toMatch(/\[\+\]usb ok/);
      expect(ready).toMatch(/\[-\]redis failed: .+/);
      expect(ready).toMatch(/\[-\]kubernetes failed: .+/);
    }, patience);
    await Promise.all([plane.startApiServer(), redisServer.start()]);
    await expectActions(['attach USB Keyboard', 'attach Ultra', 'detach USB Keyboard']);
    await expectPresentCount(1);
    await vi.waitFor(async () => expect(await probe('/readyz')).toBe('ok\n'), patience);
  });

  it('brings the cluster up to date after an outage of the API server', async () => {
    const { usb, simulated } = emptyMachine();
    simulated.plug(keyboard);
    await runAgent(environment, usb);
    await expectPresentCount(1);
    const [keyboardName = ''] = await view.present();
    await plane.killApiServer();
    simulated.unplug(keyboard.sysfsName);
    await expectActions(['attach USB Keyboard', 'detach USB Keyboard']);
    simulated.plug(stick);
    await expectActions(['attach USB Keyboard', 'detach USB Keyboard', 'attach Ultra']);
    await plane.startApiServer();
    await vi.waitFor(async () => expect((await view.presence())[keyboardName]).toBe(false), patience);
    await expectPresentCount(1);
  });

  it('tells the cluster of a device that left while neither the agent nor the API server was there', async () => {
    const { usb, simulated } = emptyMachine();
    simulated.plug(keyboard);
    const kept = { ...environment, flags: [`--journal-directory=${temporaryDirectory()}`] };
    const { agent } = await runAgent(kept, { ...usb, dispose: () => undefined });
    await expectPresentCount(1);
    await plane.killApiServer();
    simulated.unplug(keyboard.sysfsName);
    await expectActions(['attach USB Keyboard', 'detach USB Keyboard']);
    await agent.stop();
    await plane.startApiServer();
    await runAgent(kept, usb);
    await expectPresentCount(0);
  });

  it('says that it has stated all when its journal is new, and no more when that remembers', async () => {
    const { usb, simulated } = emptyMachine();
    simulated.plug(keyboard);
    const kept = { ...environment, flags: [`--journal-directory=${temporaryDirectory()}`] };
    const { agent } = await runAgent(kept, { ...usb, dispose: () => undefined });
    await vi.waitFor(async () => {
      const { epoch, statedEpoch } = (await view.node())?.status ?? {};
      expect(statedEpoch).toBe(epoch);
      expect(await view.present()).toHaveLength(1);
    }, patience);
    await agent.stop();
    const { epoch: former } = (await view.node())?.status ?? {};
    await runAgent(kept, usb);
    await vi.waitFor(async () => {
      const { epoch, statedEpoch } = (await view.node())?.status ?? {};
      expect(epoch).not.toBe(former);
      expect(statedEpoch).toBeUndefined();
    }, patience);
  });

  it('waits for its kinds to be installed', async () => {
    const bare = await startControlPlane({ manifests: [] });
    onTestFinished(() => bare.stop());
    const bareClient = new KubeClient(await loadClusterAccess({ kubeconfigPath: bare.kubeconfigPath }));
    onTestFinished(() => bareClient.close());
    const { usb, simulated } = emptyMachine();
    simulated.plug(stick);
    const { probe } = await runAgent({ ...environment, kubeconfigPath: bare.kubeconfigPath }, usb);
    await vi.waitFor(async () => {
      expect(await probe('/readyz?verbose')).toMatch(/\[-\]kubernetes failed: the API server does not serve usb/);
    }, patience);
    await applyManifests(bare, [join(import.meta.dirname, '../../../crds/manifests')]);
    const there = new ClusterView({ client: bareClient, redis, nodeName: environment.nodeName });
    await vi.waitFor(async () => expect(await there.present()).toHaveLength(1), patience);
  });

  it('sends everything again when Redis was emptied', async () => {
    const { usb, simulated } = emptyMachine();
    await runAgent(environment, usb);
    simulated.plug(keyboard);
    await expectActions(['attach USB Keyboard']);
    await redis.flushall();
    simulated.plug(stick);
    await expectActions(['attach USB Keyboard', 'attach Ultra']);
  });
});

describe('the rights of the agent', () => {
  it('suffice when they are no more than it needs', async () => {
    const kubeconfigPath = await restrictedKubeconfig(environment.nodeName);
    const { usb, simulated } = emptyMachine();
    const { probe } = await runAgent({ ...environment, kubeconfigPath }, usb);
    simulated.plug(stick);
    await expectPresentCount(1);
    await vi.waitFor(async () => expect(await view.conditions()).toContain('Ready=True'), patience);
    await vi.waitFor(async () => expect(await probe('/readyz')).toBe('ok\n'), patience);
  });
});

/** Of a service account that may do what the DaemonSet's may. */
async function restrictedKubeconfig(name: string): Promise<string> {
  const directory = join(temporaryDirectory(), 'rights');
  mkdirSync(directory);
  const rules = [
    { apiGroups: ['autoweave.dev'], resources: ['usbdevices', 'usbdevices/status'], verbs: ['create', 'patch'] },
    { apiGroups: ['autoweave.dev'], resources: ['usbnodes', 'usbnodes/status'], verbs: ['create', 'patch'] },
    { apiGroups: ['autoweave.dev'], resources: ['usbnodes'], verbs: ['get', 'list', 'watch'], resourceNames: [name] },
    {
      apiGroups: ['autoweave.dev'],
      resources: ['autoweavepolicies'],
      verbs: ['get', 'list', 'watch'],
      resourceNames: ['default'],
    },
  ];
  const rbac = 'rbac.authorization.k8s.io';
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
    },
  ];
  const manifest = join(directory, 'rights.json');
  writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await runKubectl(plane, ['apply', '--filename', manifest]);
  const token = (await runKubectl(plane, ['create', 'token', name, '--namespace=default'])).trim();
  const cluster = {
    server: plane.url,
    'certificate-authority-data': Buffer.from(plane.certificateAuthority).toString('base64'),
  };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  const path = join(directory, 'kubeconfig');
  writeFileSync(path, JSON.stringify(kubeconfig));
  return path;
}
