import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { resources, type UsbDevice } from '@autoweave/crds';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { writeSysfsTree } from './sources/sysfs-tree.ts';
import { recordedDevices } from './sources/recorded-devices.ts';
import { temporaryDirectory } from './testing/temporary-journal.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

interface Run {
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves to the exit code. */
  readonly end: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

function run(...argv: string[]): Run {
  const env = { ...process.env, REDIS_URL: inject('redisUrl'), KUBECONFIG: inject('kubeconfigPath') };
  const child = spawn(process.execPath, [program, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (errors += text));
  return {
    output: () => output,
    errors: () => errors,
    end: once(child, 'close').then(([code]) => code as number | null),
    kill: (signal) => child.kill(signal),
  };
}

/** The API server is that of all tests. */
async function removeTraces(nodeName: string): Promise<void> {
  const client = new KubeClient(await loadClusterAccess({ kubeconfigPath: inject('kubeconfigPath') }));
  const { items } = await client.list<UsbDevice>(resources.usbDevice);
  const mine = items.filter(({ status }) => status?.attachments?.some((each) => each.nodeName === nodeName));
  for (const { metadata } of mine) await client.delete(resources.usbDevice, { name: metadata.name });
  await client.delete(resources.usbNode, { name: nodeName });
  client.close();
}

describe('the program autoweave-agent', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('runs until %s, and ends without an error', async (signal) => {
    const nodeName = `node-${randomUUID()}`;
    onTestFinished(() => removeTraces(nodeName));
    const flags = ['--usb-source=simulated', '--probe-port=0', `--journal-directory=${temporaryDirectory()}`];
    const agent = run(...flags, `--node-name=${nodeName}`);
    await expect.poll(agent.output, { timeout: 20_000 }).toContain('USB tree was read');
    agent.kill(signal);
    expect(await agent.end).toBe(0);
    expect(agent.output()).not.toMatch(/"level":"(error|fatal)"/);
    expect(agent.errors()).toBe('');
  });

  it('prints the devices of the machine as a table and as JSON', async () => {
    const root = temporaryDirectory();
    writeSysfsTree(root, recordedDevices);
    const table = run('print', '--usb-source=kernel', `--sysfs-root=${root}`);
    expect(await table.end).toBe(0);
    expect(table.output()).toMatch(/^NAME .*VENDOR/);
    expect(table.output()).toContain('SanDisk');
    const json = run('print', '--usb-source=kernel', `--sysfs-root=${root}`, '--output=json');
    expect(await json.end).toBe(0);
    expect(JSON.parse(json.output())).toHaveLength(recordedDevices.length);
  });

  it('says which setting is wrong, and ends with 2', async () => {
    const agent = run('--usb-source=magic');
    expect(await agent.end).toBe(2);
    expect(agent.errors()).toContain('--usb-source (AW_USB_SOURCE) is "magic"');
  });

  it('explains itself', async () => {
    const agent = run('--help');
    expect(await agent.end).toBe(0);
    expect(agent.output()).toContain('--journal-directory');
  });
});
