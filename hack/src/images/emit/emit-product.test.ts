import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../processes/run-command.ts';
import { toolContext } from '../../tools/index.ts';
import { RunnerBench } from '../testing/runner-bench.ts';
import { emitProduct } from './emit-product.ts';

/** Outside of the repository: nothing is found in its node_modules. */
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'autoweave-emitted-'));
  const context = toolContext();
  const source = { version: '0.1.0', revision: undefined, epoch: 0 };
  await emitProduct({ context, architecture: context.platform.architecture, source, directory });
});
afterAll(() => rm(directory, { recursive: true }));

function run(file: string, ...parameters: string[]): Promise<string> {
  return runCommand(process.execPath, [join(directory, file), ...parameters]);
}

describe('the emitted product', () => {
  it.each([
    ['operator/operator.mjs', 'Usage: autoweave-operator'],
    ['node-agent/agent.mjs', 'Usage: autoweave-agent'],
    ['node-agent/executor.mjs', 'Usage: autoweave-executor'],
  ])('starts %s', async (file, usage) => {
    expect(await run(file, '--help')).toContain(usage);
  });

  it('knows the names of vendors', async () => {
    expect(await run('node-agent/agent.mjs', 'print', '--usb-source=simulated')).toContain('Logitech');
  });

  it('reads uevents on its thread', async () => {
    const workerData = { receiveBufferBytes: 65_536, dropCheckMilliseconds: 60_000 };
    const worker = new Worker(join(directory, 'node-agent/netlink-worker.mjs'), { workerData });
    expect(await once(worker, 'message')).toEqual([expect.objectContaining({ type: 'listening' })]);
    worker.postMessage({ type: 'stop' });
    await once(worker, 'exit');
  });

  it('has what reads devices of other systems', async () => {
    const code = "import('usb').then(({ WebUSB }) => console.log(typeof WebUSB))";
    const inImage = { directory: join(directory, 'node-agent') };
    expect(await runCommand(process.execPath, ['--eval', code], inImage)).toBe('function\n');
  });

  it('loads a plugin into an isolate, and calls it', async () => {
    await using bench = await RunnerBench.start(join(directory, 'runner/runner.mjs'));
    await bench.load(`import { definePlugin } from '@autoweave/sdk';
export default definePlugin({ onJob: ({ payload }) => ({ doubled: payload.number * 2 }) });`);
    expect(await bench.call({ number: 21 })).toEqual({ doubled: 42 });
  });

  it('has every file that a bundle reads', async () => {
    const bundles = (await readdir(directory, { recursive: true })).filter((name) => /^[^/]+\/[^/]+\.m?js$/.test(name));
    const read: string[] = [];
    for (const bundle of bundles) {
      const code = await readFile(join(directory, bundle), 'utf8');
      for (const [, name = ''] of code.matchAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g)) {
        read.push(join(dirname(bundle), name));
      }
    }
    expect(read).toEqual(expect.arrayContaining(['operator/autoweave.lua', 'node-agent/autoweave.lua']));
    await Promise.all(read.map((path) => access(join(directory, path))));
  });

  it('has the messages of one language only', async () => {
    const code = await readFile(join(directory, 'node-agent/agent.mjs'), 'utf8');
    expect(code.match(/^\/\/ .*zod\/v4\/locales\/.*$/gm)).toEqual(['// node_modules/zod/v4/locales/en.js']);
  });

  it('says which packages are in an image, bundled or not, and no others', async () => {
    const text = await readFile(join(directory, 'node-agent/sbom.cdx.json'), 'utf8');
    const { components } = JSON.parse(text) as { components: readonly { name: string }[] };
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['@autoweave/node-agent', 'bullmq', 'ioredis', 'koffi', 'usb.ids']));
    for (const absent of ['isolated-vm', 'typescript', 'vitest']) expect(names).not.toContain(absent);
  });

  it('has the licences of others', async () => {
    const text = await readFile(join(directory, 'runner/third-party-licenses.txt'), 'utf8');
    expect(text).toMatch(/^isolated-vm\n\n.*Permission to use/ms);
  });
});
