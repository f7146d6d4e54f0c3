import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadClusterAccess } from './load-cluster-access.ts';

const kubeconfig = (server: string) => `
current-context: x
clusters: [{name: c, cluster: {server: "${server}"}}]
contexts: [{name: x, context: {cluster: c}}]
`;

describe('access to the cluster', () => {
  let home: string;
  let serviceAccountDirectory: string;
  const inCluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'cluster-access-'));
    serviceAccountDirectory = join(home, 'serviceaccount');
    await mkdir(serviceAccountDirectory);
    await writeFile(join(home, 'given'), kubeconfig('https://given'));
    await writeFile(join(home, 'named'), kubeconfig('https://named'));
    await mkdir(join(home, '.kube'));
    await writeFile(join(home, '.kube', 'config'), kubeconfig('https://standard'));
    await writeFile(join(serviceAccountDirectory, 'token'), 'T1');
    await writeFile(join(serviceAccountDirectory, 'ca.crt'), 'CA');
    await writeFile(join(serviceAccountDirectory, 'namespace'), 'autoweave-system\n');
  });

  afterEach(async () => {
    vi.useRealTimers();
    await rm(home, { recursive: true });
  });

  const load = (env: Record<string, string>, kubeconfigPath?: string) =>
    loadClusterAccess({ kubeconfigPath, env: { HOME: home, ...env }, serviceAccountDirectory });

  it('is by the given kubeconfig, else KUBECONFIG, else the service account, else the one in the home', async () => {
    const named = { KUBECONFIG: join(home, 'named') };
    expect((await load({ ...inCluster, ...named }, join(home, 'given'))).server.host).toBe('given');
    expect((await load({ ...inCluster, ...named })).server.host).toBe('named');
    expect((await load(inCluster)).server.host).toBe('10.0.0.1:6443');
    expect((await load({})).server.host).toBe('standard');
  });

  it('by the service account trusts its authority and knows the namespace of the pod', async () => {
    const access = await load({ KUBERNETES_SERVICE_HOST: 'fd00::1' });
    expect(access.server.href).toBe('https://[fd00::1]/');
    expect(access.tls).toEqual({ ca: 'CA', rejectUnauthorized: true });
    expect(access.namespace).toBe('autoweave-system');
  });

  it('by the service account reads a rotated token again within a minute, or at once when the old one is refused', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { token } = await load(inCluster);
    expect(await token?.({ refresh: false })).toBe('T1');
    await writeFile(join(serviceAccountDirectory, 'token'), 'T2');
    expect(await token?.({ refresh: false })).toBe('T1');
    expect(await token?.({ refresh: true })).toBe('T2');
    await writeFile(join(serviceAccountDirectory, 'token'), 'T3');
    vi.advanceTimersByTime(60_001);
    expect(await token?.({ refresh: false })).toBe('T3');
  });

  it('by a service account that lacks a file is refused', async () => {
    await rm(join(serviceAccountDirectory, 'ca.crt'));
    await expect(load(inCluster)).rejects.toMatchObject({ code: 'AW_KUBECONFIG_INVALID' });
  });

  it('that nothing describes is refused, with what was looked for', async () => {
    await rm(join(home, '.kube'), { recursive: true });
    await expect(load({})).rejects.toMatchObject({
      code: 'AW_KUBECONFIG_INVALID',
      message: expect.stringContaining(join(home, '.kube', 'config')),
    });
  });
});
