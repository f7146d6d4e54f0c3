import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { resources } from '@autoweave/crds';
import { kubeconfig, startControlPlane, type ControlPlane } from '@autoweave/hack/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { kinds } from '../cluster/kinds.ts';
import { PluginCluster } from '../testing/plugin-cluster.ts';
import { runPlugin, type PluginRun } from '../testing/run-plugin.ts';
import {
  clusterNode,
  lease,
  operatorDeployment,
  sampleInstallation,
  serviceAccountRules,
} from '../testing/sample-installation.ts';
import { sampleNode, samplePlugin } from '../testing/sample-objects.ts';
import type { CheckResult } from './check-result.ts';

/** The API server proxies to no loopback address. */
const host = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

/** One plane for all, since doctor looks at the whole cluster; each test breaks one thing and mends it. */
describe.skipIf(host === undefined)('kubectl autoweave doctor', () => {
  let plane: ControlPlane;
  let cluster: PluginCluster;
  let operator: Server;
  let metrics = '';
  let readiness: { status: number; text: string };

  beforeAll(async () => {
    operator = createServer(({ url }, response) => {
      if (url === '/metrics') response.end(metrics);
      else response.writeHead(readiness.status).end(readiness.text);
    });
    await new Promise<void>((resolve) => operator.listen(0, host, resolve));
    plane = await startControlPlane();
    cluster = await PluginCluster.connect(plane.kubeconfigPath);
    const { port } = operator.address() as AddressInfo;
    for (const object of sampleInstallation({ host: host ?? '', port })) await cluster.put(object);
    for (const [user, rules] of Object.entries(serviceAccountRules)) await cluster.grant(user, rules);
    soundRedis();
  });

  afterAll(async () => {
    cluster.client.close();
    await plane.stop();
    await new Promise((resolve) => operator.close(resolve));
  });

  const redisIs = ({ policy, appendonly }: { policy: number; appendonly: number }): void => {
    const name = 'autoweave_redis_unsafe_settings';
    metrics = `${name}{setting="maxmemory-policy"} ${policy}\n${name}{setting="appendonly"} ${appendonly}\n`;
  };
  const soundRedis = (): void => {
    redisIs({ policy: 0, appendonly: 0 });
    readiness = { status: 200, text: 'ok\n' };
  };
  const run = (...parameters: string[]): Promise<PluginRun> =>
    runPlugin(['doctor', ...parameters], { kubeconfigPath: plane.kubeconfigPath });

  /** The checks that are not OK. */
  async function complaints(...parameters: string[]): Promise<readonly string[]> {
    const { stdout } = await run('-o', 'json', ...parameters);
    const { checks }: { readonly checks: readonly CheckResult[] } = JSON.parse(stdout);
    for (const { status, remedy } of checks) expect(remedy === undefined).toBe(status === 'OK');
    return checks
      .filter(({ status }) => status !== 'OK')
      .map(({ check, status, message }) => `${status} ${check}: ${message}`);
  }

  it('is content with a sound installation', async () => {
    const { code, stdout, stderr } = await run();
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('OK '))).toEqual([
      'STATUS   CHECK                 RESULT',
    ]);
    for (const check of [
      'API server',
      'kinds',
      'your permissions',
      'operator and agents',
      'leader',
      'versions',
      'Redis',
      'nodes',
      'nodes without agent',
      'service accounts',
      'policies',
      'plugins',
    ]) {
      expect(stdout).toMatch(new RegExp(`^OK {7}${check} {2}`, 'm'));
    }
    expect([code, stderr]).toEqual([0, '']);
  });

  it('says the same as YAML, and without a header', async () => {
    const { checks }: { readonly checks: readonly CheckResult[] } = parse((await run('-o', 'yaml')).stdout);
    expect(checks[0]).toMatchObject({
      check: 'API server',
      status: 'OK',
      message: expect.stringMatching(/^Kubernetes v1\.\d+/),
    });
    expect((await run('--no-headers')).stdout).toMatch(/^OK {3}API server {2}/);
  });

  it('sees how Redis is set, and that the operator does not reach it', async () => {
    onTestFinished(soundRedis);
    redisIs({ policy: 1, appendonly: 1 });
    readiness = { status: 503, text: '[-]redis failed: connect ECONNREFUSED\n[+]redis-functions ok\n' };
    expect(await complaints()).toEqual([
      'FAIL Redis: Operator autoweave-operator-x: redis is not ready: connect ECONNREFUSED',
      'FAIL Redis: Redis can lose events and jobs: maxmemory-policy, appendonly',
    ]);
    expect((await run()).code).toBe(2);
  });

  it('says where else to look when the API server does not reach the operator', async () => {
    onTestFinished(soundRedis);
    readiness = { status: 404, text: 'nothing here' };
    const { stdout } = await run();
    expect(stdout).toMatch(
      /^WARN +Redis +Operator autoweave-operator-x could not be asked: The API server answered 404: nothing here$/m,
    );
    expect(stdout).toContain('a NetworkPolicy may keep the API server out');
  });

  it('sees which node has no agent, and why', async () => {
    const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' } as const;
    onTestFinished(async () => void (await cluster.client.delete(kinds.node, { name: 'rack-1' })));
    await cluster.put(clusterNode('rack-1', [taint]));
    expect(await complaints()).toEqual([
      'WARN nodes without agent: No agent at rack-1: taint gpu=yes:NoSchedule is not tolerated',
    ]);
    expect((await run()).code).toBe(1);
  });

  it('sees an operator that does not come up, with what its pod says', async () => {
    onTestFinished(async () => void (await cluster.put(operatorDeployment())));
    await cluster.put(operatorDeployment(0));
    const [complaint] = await complaints();
    expect(complaint).toBe(
      'FAIL operator and agents: Deployment autoweave-system/autoweave-operator: 0 of 1 available, 1 of the newest version',
    );
  });

  it('sees that nobody leads, by a clock of its own', async () => {
    onTestFinished(async () => void (await cluster.put(lease(new Date()))));
    const old = Date.parse('2020-01-01T00:00:00Z');
    await cluster.put(lease(new Date(old), 2));
    expect(await complaints()).toEqual([
      'FAIL leader: Lease autoweave-system/autoweave-operator was last renewed at 2020-01-01T00:00:00.000000Z by autoweave-operator-x',
    ]);
    // A leader whose clock is years behind renews it, too.
    let renewals = 0;
    const renewing = setInterval(() => void cluster.put(lease(new Date(old + ++renewals), 2)), 200);
    onTestFinished(() => clearInterval(renewing));
    expect(await complaints()).toEqual([]);
  });

  it('sees what agents report, older agents, and plugins that do not run', async () => {
    onTestFinished(async () => {
      await cluster.put(sampleNode('desk-2', { Ready: true }));
      await cluster.client.delete(resources.autoWeavePlugin, { name: 'broken', namespace: 'default' });
    });
    const { status = {} } = sampleNode('desk-2', { Ready: false, RedisReachable: false });
    await cluster.put({ ...sampleNode('desk-2'), status: { ...status, agentVersion: '0.0.9' } });
    await cluster.put(samplePlugin({ name: 'broken', status: { phase: 'Rejected', workers: [] } }));
    expect(await complaints()).toEqual([
      'WARN versions: Agents of 1 node (desk-2) are of version 0.0.9, the operator is 0.1.0',
      'FAIL nodes: RedisReachable is not True at desk-2: Broken: RedisReachable is broken',
      'WARN plugins: 1 of 1 plugins are not Ready: default/broken (Rejected)',
    ]);
  });

  it('sees service accounts that may do too little, or too much', async () => {
    const [user, rules] = Object.entries(serviceAccountRules)[1] ?? ['', []];
    const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['*'] };
    onTestFinished(() => cluster.grant(user, rules));
    await cluster.grant(user, [...rules.slice(1), secrets]);
    expect(await complaints()).toEqual([
      `FAIL service accounts: ${user} may not patch usbdevices, patch usbnodes`,
      `WARN service accounts: ${user} may also list secrets`,
    ]);
  });

  it('sees that there are no policies', async () => {
    await cluster.client.delete(resources.autoWeavePolicy, { name: 'default' });
    await cluster.client.delete(kinds.admissionBinding, { name: 'autoweave-node-agent' });
    expect(await complaints()).toEqual([
      'WARN policies: There is no AutoWeavePolicy default, so no unsigned plugin runs',
      'WARN policies: ValidatingAdmissionPolicy or binding missing: autoweave-node-agent',
    ]);
  });

  it('says what the caller may not see, and goes on', async () => {
    await cluster.grant('viewer', [
      { apiGroups: ['autoweave.dev'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
    ]);
    const told = await complaints('--as', 'viewer');
    expect(told[0]).toMatch(
      /^WARN your permissions: You may not list events \(events\), watch events \(events\), .* more$/,
    );
    expect(told.join('\n')).toMatch(/WARN operator and agents: .* cannot be looked at: .*cannot get resource/);
    expect(told.join('\n')).toContain(
      'WARN leader: Could not be checked: leases.coordination.k8s.io "autoweave-operator" is forbidden',
    );
    expect(told.every((line) => line.startsWith('WARN'))).toBe(true);
  });

  it('needs no more than the ClusterRole of its documentation', async () => {
    const document = await readFile(new URL('../../../docs/kubectl.md', import.meta.url), 'utf8');
    const [, role = ''] = /```yaml\n(.*?)```/s.exec(document) ?? [];
    const { rules }: { readonly rules: readonly object[] } = parse(role);
    await cluster.grant('documented', rules);
    const told = await complaints('--as', 'documented');
    expect(
      told.filter((line) => /your permissions|Could not be checked|cannot be looked at|may not/.test(line)),
    ).toEqual([]);
  });

  it('says that the credentials are refused', async () => {
    const kubeconfigPath = join(plane.directory, 'wrong-token');
    const { url: server, certificateAuthority } = plane;
    await writeFile(kubeconfigPath, kubeconfig({ server, certificateAuthority, token: 'wrong' }));
    const { code, stdout } = await runPlugin(['doctor'], { kubeconfigPath });
    expect(code).toBe(2);
    expect(stdout).toMatch(/FAIL +API server +server .* refuses the credentials of .*wrong-token/);
  });

  it('says that the kinds are missing, and looks at nothing that needs them', async () => {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/usbnodes.autoweave.dev`;
    await cluster.client.request({ method: 'DELETE', path });
    await expect
      .poll(() => complaints())
      .toEqual(['FAIL kinds: The API server does not serve usbnodes.autoweave.dev/v1alpha1']);
    const tree = await runPlugin(['tree'], { kubeconfigPath: plane.kubeconfigPath });
    expect([tree.code, tree.stderr.split('\n')[0]]).toEqual([
      1,
      'Error: AW_CRD_MISSING: the API server does not serve the kinds of autoweave.dev',
    ]);
  });
});
