import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, hostAddressInGuest, startControlPlane } from './control-plane.ts';
import { runKubectl } from './manifests.ts';
import { processesIn } from './processes-in.ts';

describe('a control plane', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane();
  });
  afterAll(async () => {
    await plane.stop();
  });

  it('serves the CRDs', async () => {
    expect(await runKubectl(plane, ['get', 'usbdevices.autoweave.dev'])).toBe('');
  });

  it('keeps its data and address when the API server is killed', async () => {
    await runKubectl(plane, ['create', 'configmap', 'kept', '--from-literal=a=1']);
    await plane.killApiServer();
    await expect(runKubectl(plane, ['get', 'configmap', 'kept'])).rejects.toThrow('refused');
    await plane.startApiServer();
    expect(await runKubectl(plane, ['get', 'configmap', 'kept', '--output=jsonpath={.data.a}'])).toBe('1');
  });

  it('can be trusted by who reaches it from a guest', () => {
    expect(new X509Certificate(plane.certificateAuthority).checkIP(hostAddressInGuest)).toBe(hostAddressInGuest);
  });

  it('issues tokens of service accounts that it accepts', async () => {
    await runKubectl(plane, ['create', 'serviceaccount', 'somebody']);
    const token = await runKubectl(plane, ['create', 'token', 'somebody']);
    const access = { ...plane, kubeconfigPath: '/dev/null' };
    const flags = [`--server=${plane.url}`, `--token=${token.trim()}`, '--insecure-skip-tls-verify'];
    const answer = await runKubectl(access, [
      'auth',
      'whoami',
      '--output=jsonpath={.status.userInfo.username}',
      ...flags,
    ]);
    expect(answer).toBe('system:serviceaccount:default:somebody');
  });

  it('leaves no process and no file when it stops, also the second time', async () => {
    await plane.stop();
    await plane.stop();
    expect(await processesIn(plane.directory)).toEqual([]);
    await expect(readdir(plane.directory)).rejects.toThrow('ENOENT');
  });
});

describe('the servers of a process that is killed', () => {
  it('end with it, and their files go', async () => {
    const owner = spawn(process.execPath, [new URL('testdata/own-servers.ts', import.meta.url).pathname], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = (await once(owner.stdout, 'data')) as [Buffer];
    const directory = output.toString().trim();
    expect(await processesIn(directory)).not.toEqual([]);
    owner.kill('SIGKILL');
    await expect.poll(() => processesIn(directory)).toEqual([]);
    await expect.poll(() => readdir(directory).catch(() => undefined)).toBeUndefined();
  });
});
