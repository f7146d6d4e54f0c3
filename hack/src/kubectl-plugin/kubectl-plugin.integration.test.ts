import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { resources } from '@autoweave/crds';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { provideKubernetesTools } from '../tools/index.ts';
import { makeRelease } from './make-release.ts';

/** The Node of the user, not that of this repository: the plugin must run on what is there. */
const userPath = (process.env['PATH'] ?? '').split(delimiter).filter((path) => !path.includes('node_modules'));

describe('kubectl autoweave', () => {
  let directory: string;
  let kubectl: string;
  let client: KubeClient;
  const signature = crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  const node = `kubectl-${signature}`;
  const device = `046d-c31c-${signature}`;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'autoweave-kubectl-'));
    ({ kubectl } = await provideKubernetesTools());
    await makeRelease({ directory, version: '1.2.3', releaseUrl: 'https://example.org' });
    client = new KubeClient(await loadClusterAccess({ kubeconfigPath: inject('kubeconfigPath') }));
    const options = { fieldManager: 'kubectl-plugin-test', force: true };
    await client.apply(resources.usbDevice, { metadata: { name: device } }, options);
    const attachments = [
      {
        nodeName: node,
        present: true,
        portPath: '1.2',
        busNumber: 1,
        since: new Date().toISOString(),
        lastEventId: `${node}/e/1`,
      },
    ];
    await client.apply(
      resources.usbDevice,
      { metadata: { name: device }, status: { attachments } },
      { ...options, subresource: 'status' },
    );
  });

  afterAll(async () => {
    await client.delete(resources.usbDevice, { name: device });
    client.close();
    await rm(directory, { recursive: true });
  });

  interface Ended {
    readonly code: number | string;
    readonly stdout: string;
    readonly stderr: string;
  }

  /** @param onOutput sees all of standard output so far */
  function run(
    command: string,
    parameters: readonly string[],
    {
      kubeconfig = inject('kubeconfigPath'),
      onOutput,
    }: { kubeconfig?: string; onOutput?: (text: string, kill: () => void) => void } = {},
  ): Promise<Ended> {
    const path = [directory, dirname(kubectl), ...userPath].join(delimiter);
    const env = { PATH: path, KUBECONFIG: kubeconfig, HOME: directory };
    const child = spawn(command, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.stdout += text;
      onOutput?.(ended.stdout, () => child.kill('SIGINT'));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code: code ?? signal ?? '', ...ended }));
    });
  }

  it('is found by kubectl on PATH, and run', async () => {
    expect((await run(kubectl, ['plugin', 'list'])).stdout).toContain(join(directory, 'kubectl-autoweave'));
    const { code, stdout, stderr } = await run(kubectl, ['autoweave', 'tree', node, '--no-headers']);
    expect(stdout.replaceAll(/ +/g, ' ')).toContain(`└─ 1.2 ${device} `);
    expect([code, stderr]).toEqual([0, '']);
    expect((await run(kubectl, ['autoweave', 'why', 'nothing-like-it'])).code).toBe(1);
  });

  it('is completed by kubectl', async () => {
    const { stdout: script } = await run(kubectl, ['autoweave', 'completion', 'kubectl']);
    const path = join(directory, 'kubectl_complete-autoweave');
    await writeFile(path, script);
    await chmod(path, 0o755);
    expect((await run(kubectl, ['__complete', 'autoweave', 'tr'])).stdout).toBe(
      'tree\tshow which device hangs on which port of which node\n:4\n',
    );
    expect((await run(kubectl, ['__complete', 'autoweave', 'why', device.slice(0, 14)])).stdout).toBe(
      `${device}\n:4\n`,
    );
  });

  it('logs in through a credential plugin, as kubectl does', async () => {
    const config = parse(await readFile(inject('kubeconfigPath'), 'utf8'));
    const { token } = config.users[0].user;
    const status = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } };
    await writeFile(join(directory, 'login'), `#!/bin/sh\ncat <<'END'\n${JSON.stringify(status)}\nEND\n`);
    await chmod(join(directory, 'login'), 0o755);
    const exec = { apiVersion: status.apiVersion, command: './login', interactiveMode: 'Never' };
    const kubeconfig = join(directory, 'exec-config');
    await writeFile(kubeconfig, stringify({ ...config, users: [{ name: config.users[0].name, user: { exec } }] }));
    expect((await run(kubectl, ['get', 'usbdevices', device, '-o', 'name'], { kubeconfig })).code).toBe(0);
    const { code, stdout } = await run(kubectl, ['autoweave', 'tree', node], { kubeconfig });
    expect([code, stdout.includes(device)]).toEqual([0, true]);
  });

  it('ends quietly when its reader goes away', async () => {
    const script = 'set -o pipefail; kubectl autoweave events --follow --since=1h -o json | head -n 1';
    const { code, stdout, stderr } = await run('bash', ['-c', script], {
      onOutput: () =>
        void client.apply(
          resources.usbDevice,
          {
            metadata: { name: device },
            status: {
              attachments: [
                { nodeName: node, present: false, since: new Date().toISOString(), lastEventId: `${node}/e/2` },
              ],
            },
          },
          { fieldManager: 'kubectl-plugin-test', force: true, subresource: 'status' },
        ),
    });
    expect(stdout.split('\n')).toHaveLength(2);
    expect([code, stderr]).toEqual([141, '']);
  });

  it('ends quietly on Ctrl-C', async () => {
    const { code, stderr } = await run(kubectl, ['autoweave', 'events', '--follow', '--node', node, '-o', 'json'], {
      onOutput: (_text, kill) => kill(),
    });
    expect([code, stderr]).toEqual([130, '']);
  });
});
