import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AutoWeavePlugin, UsbDevice } from '@autoweave/crds';
import { afterEach, describe, expect, it } from 'vitest';
import { runCommand } from '../processes/run-command.ts';
import { provideKubernetesTools } from '../tools/index.ts';

const entry = join(import.meta.dirname, 'main.ts');
const patience = { timeout: 90_000, interval: 100 };
const started: Launched[] = [];

interface Launched {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly output: () => string;
}

afterEach(async () => {
  for (const { child, exit } of started.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
});

function launch(...parameters: string[]): Launched {
  const child = spawn(process.execPath, [entry, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const launched = { child, exit, output: () => output };
  started.push(launched);
  return launched;
}

/** Starts, and waits until a user could use it. */
async function launchReady(): Promise<Launched & { readonly kubeconfigPath: string }> {
  const launched = launch('--usb-source=simulated');
  await expect.poll(launched.output, patience).toContain('Ctrl-C stops everything.');
  return { ...launched, kubeconfigPath: /export KUBECONFIG=(\S+)/.exec(launched.output())?.[1] ?? '' };
}

async function kubectlJson<T>(kubeconfigPath: string, ...parameters: string[]): Promise<T> {
  const { kubectl } = await provideKubernetesTools();
  return JSON.parse(await runCommand(kubectl, [`--kubeconfig=${kubeconfigPath}`, ...parameters, '-o', 'json'])) as T;
}

interface ProcessEntry {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
}

async function processes(): Promise<readonly ProcessEntry[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(ids.map((id) => readProcess(id).catch(() => undefined)));
  return entries.filter((found) => found !== undefined);
}

async function readProcess(id: string): Promise<ProcessEntry> {
  const status = await readFile(`/proc/${id}/stat`, 'utf8');
  // The name in brackets may hold anything; state and parent follow it.
  const [state = '', parent = ''] = status.slice(status.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') throw new Error('it has ended');
  const command = await readFile(`/proc/${id}/cmdline`, 'utf8');
  return { id: Number(id), parent: Number(parent), command: command.replaceAll('\0', ' ') };
}

async function descendants(ancestor: number | undefined): Promise<readonly ProcessEntry[]> {
  const all = await processes();
  const found: ProcessEntry[] = [];
  for (const parents = [ancestor]; parents.length > 0;) {
    const parent = parents.pop();
    const children = all.filter((candidate) => candidate.parent === parent);
    found.push(...children);
    parents.push(...children.map(({ id }) => id));
  }
  return found;
}

/** Of those that ran, the commands of those that still do. */
async function left(ran: readonly ProcessEntry[]): Promise<readonly string[]> {
  const now = await processes();
  return ran
    .filter(({ id, command }) => now.some((other) => other.id === id && other.command === command))
    .map(({ command }) => command);
}

describe('npm start', () => {
  it('brings up a cluster in which devices, plugin and results are seen with kubectl, and leaves nothing', async () => {
    const { child, exit, output, kubeconfigPath } = await launchReady();
    await expect.poll(output, patience).toMatch(/result +default\/device-inventory onAttach \S+: Succeeded/);
    expect(output()).toMatch(/device +\+ \S+/);
    expect(output()).toMatch(/event +attach \S+/);

    const { items } = await kubectlJson<{ items: UsbDevice[] }>(kubeconfigPath, 'get', 'usbdevices');
    expect(items.length).toBeGreaterThan(0);
    const plugin = () =>
      kubectlJson<AutoWeavePlugin>(kubeconfigPath, 'get', 'awp', 'device-inventory', '-n', 'default');
    await expect.poll(async () => (await plugin()).status?.phase, patience).toBe('Running');
    await expect.poll(async () => (await plugin()).status?.results?.succeeded, patience).toBeGreaterThan(0);

    const ran = await descendants(child.pid);
    const commands = ran.map(({ command }) => command).join('\n');
    for (const part of [
      'etcd',
      'kube-apiserver',
      'redis-server',
      'operator/',
      'agent/main',
      'executor/main',
      'runner/',
    ]) {
      expect(commands).toContain(part);
    }
    child.kill('SIGINT');
    expect(await exit).toBe(0);
    await expect.poll(() => left(ran), patience).toEqual([]);
    expect(await readdir(join(kubeconfigPath, '..')).catch(() => 'removed')).toBe('removed');
  }, 180_000);

  it('ends by itself after the first result with --once, also two at a time', async () => {
    const both = [launch('--usb-source=simulated', '--once'), launch('--once', '--usb-source', 'simulated')];
    for (const { exit, output } of both) {
      expect(await exit, output()).toBe(0);
      expect(output()).toContain('Ended after the first result, which succeeded');
    }
  }, 180_000);

  it('shows why a part ended and starts it again, and leaves nothing running when it is killed itself', async () => {
    const { child, exit, output } = await launchReady();
    const agent = (await descendants(child.pid)).find(({ command }) => command.includes('agent/main.ts'));
    process.kill(agent?.id ?? 0, 'SIGKILL');
    await expect.poll(output, patience).toMatch(/agent ended; the end of .*agent\.log:\n {2}\| \{/);
    await expect.poll(output, patience).toContain('agent is started again');
    const seen = output().length;
    await expect.poll(() => output().slice(seen), patience).toMatch(/event +(attach|detach)/);

    const ran = await descendants(child.pid);
    child.kill('SIGKILL');
    await exit;
    await expect.poll(() => left(ran), patience).toEqual([]);
  }, 180_000);

  it('can be ended while it starts', async () => {
    const { child, exit } = launch('--usb-source=simulated');
    const commands = async () => (await descendants(child.pid)).map(({ command }) => command).join('\n');
    await expect.poll(commands, patience).toContain('kube-apiserver --');
    const ran = await descendants(child.pid);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    await expect.poll(() => left(ran), patience).toEqual([]);
  }, 180_000);

  it('says at once that a Redis of the user cannot be reached', async () => {
    const { exit, output } = launch('--redis-url=redis://127.0.0.1:1');
    expect(await exit).toBe(1);
    expect(output()).toMatch(/^AW_REDIS_UNREACHABLE: REDIS_URL cannot be used/m);
  });

  it.each([
    ['--usb-source=usb', '--usb-source (AW_USB_SOURCE) is "usb": expected one of auto, kernel, node-usb, simulated'],
    ['--usb-sorce=auto', '--usb-sorce is not known: did you mean --usb-source?'],
  ])('refuses %s', async (parameter, problem) => {
    const { exit, output } = launch(parameter);
    expect(await exit).toBe(2);
    expect(output()).toMatch(/^AW_CONFIG_INVALID: /);
    expect(output()).toContain(problem);
  });

  it('explains its settings', async () => {
    const { exit, output } = launch('--help');
    expect(await exit).toBe(0);
    expect(output()).toContain('--usb-source=…');
  });
});
