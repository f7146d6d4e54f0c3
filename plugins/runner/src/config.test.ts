import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { childConfig, podConfig, pluginConfig, probePort } from './config.ts';

const pod = { AW_EXECUTOR_ADDRESS: 'autoweave-executor.autoweave-node.svc:7788', AW_RUNNER_NAMESPACE: 'lab' };

describe('the configuration of a runner', () => {
  it('is a socket and a token, for one that an executor starts', async () => {
    const config = childConfig({ AW_RUNNER_SOCKET: '/s', AW_RUNNER_NAMESPACE: 'lab', AW_RUNNER_TOKEN: 't' });
    expect(config).toMatchObject({ address: { path: '/s' }, namespace: 'lab' });
    expect(await config.token?.()).toBe('t');
    expect(() => childConfig({ AW_RUNNER_SOCKET: '/s' })).toThrow('AW_RUNNER_TOKEN is missing');
  });

  it.each([
    ['autoweave-executor.autoweave-node.svc:7788', { host: 'autoweave-executor.autoweave-node.svc', port: 7788 }],
    ['10.0.0.1:1', { host: '10.0.0.1', port: 1 }],
    ['[fd00::1]:7788', { host: 'fd00::1', port: 7788 }],
  ])('takes the address %s', (text, address) => {
    expect(podConfig({ ...pod, AW_EXECUTOR_ADDRESS: text }).address).toEqual(address);
  });

  it.each(['', 'host', 'host:', ':7788', 'host:99999', 'http://host:1', 'fd00::1:7788'])(
    'refuses the address %j',
    (text) => {
      expect(() => podConfig({ ...pod, AW_EXECUTOR_ADDRESS: text })).toThrow('AW_EXECUTOR_ADDRESS');
    },
  );

  it('reads the token each time', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'autoweave-token-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, 'token');
    const { token } = podConfig({ ...pod, AW_RUNNER_TOKEN_FILE: file });
    await expect(token?.()).rejects.toThrow('ENOENT');
    await writeFile(file, 'first\n');
    expect(await token?.()).toBe('first');
    await writeFile(file, 'second');
    expect(await token?.()).toBe('second');
  });

  it('knows nothing but a socket in the container of a plugin', () => {
    expect(pluginConfig({ AW_RUNNER_SOCKET: '/s' })).toEqual({ address: { path: '/s' } });
  });

  it('names a wrong port', () => {
    expect(probePort({})).toBe(8083);
    expect(() => probePort({ AW_PROBE_PORT: '1e3' })).toThrow('AW_PROBE_PORT is "1e3"');
  });
});
