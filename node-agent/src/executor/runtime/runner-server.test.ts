import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { runnerProtocol } from '@autoweave/crds';
import { MetricsRegistry } from '@autoweave/platform/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../testing/executor-bench.ts';
import { OneTimeTokens } from './one-time-tokens.ts';
import { portLimits } from './peer-limits.ts';
import { RunnerGate } from './runner-gate.ts';
import { RunnerServer } from './runner-server.ts';

let server: RunnerServer;
let path: string;
let tokens: OneTimeTokens;
let arrived: string[];

beforeEach(async () => {
  tokens = new OneTimeTokens();
  arrived = [];
  const gate = new RunnerGate({
    authenticator: tokens,
    limits: portLimits,
    logger: silent,
    metrics: new MetricsRegistry(),
    arrived: ({ namespace }) => arrived.push(namespace),
  });
  server = new RunnerServer(gate);
  path = await server.listenOnSocket(undefined);
});
afterEach(() => server.stop());

const hello = (token: string, namespace = 'ns', version = 1): string =>
  `${JSON.stringify({ type: 'hello', version, namespace, token })}\n`;

async function dial(...chunks: readonly string[]): Promise<Socket> {
  const socket = connect(path).on('error', () => undefined);
  await once(socket, 'connect');
  for (const chunk of chunks) socket.write(chunk);
  return socket;
}

/** What the server said before it hung up, or before it welcomed. */
async function answer(...chunks: readonly string[]): Promise<string> {
  const socket = await dial(...chunks);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes('welcome')) break;
  }
  return text;
}

describe('the socket for runners', () => {
  it('can be reached by this user alone', async () => {
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  });

  it('welcomes a runner that says its token, whatever the chunks', async () => {
    const text = hello(tokens.issue('ns'));
    expect(JSON.parse(await answer(text.slice(0, 10), text.slice(10)))).toEqual({ type: 'welcome', version: 1 });
    expect(arrived).toEqual(['ns']);
  });

  it('takes a token once', async () => {
    const token = tokens.issue('ns');
    expect(await answer(hello(token))).toContain('welcome');
    expect(JSON.parse(await answer(hello(token)))).toMatchObject({
      type: 'refused',
      error: { code: 'AW_RUNNER_REFUSED' },
    });
  });

  it.each([
    ['another token', () => hello('x')],
    ['the token of another namespace', () => hello(tokens.issue('other'))],
  ])('refuses %s, and says why', async (_, text) => {
    expect(await answer(text())).toContain('"refused"');
    expect(arrived).toEqual([]);
  });

  it.each([
    ['another version', () => hello(tokens.issue('ns'), 'ns', 2)],
    ['another message first', () => '{"type":"pong"}\n'],
    ['no JSON', () => 'GET / HTTP/1.1\n'],
    ['an unknown field', () => hello(tokens.issue('ns')).replace('{', '{"admin":true,')],
    ['a line without end', () => 'x'.repeat(runnerProtocol.maxHelloBytes + 1)],
  ])('hangs up on %s', async (_, text) => {
    expect(await answer(text())).toBe('');
    expect(arrived).toEqual([]);
  });
});

describe('the port for runners', { timeout: 60_000 }, () => {
  let port: number;
  let portServer: RunnerServer;
  let metrics: MetricsRegistry;

  beforeEach(async () => {
    metrics = new MetricsRegistry();
    const limits = { ...portLimits, pendingPerPeer: 8, burst: 40, perSecond: 1 };
    const gate = new RunnerGate({
      authenticator: tokens,
      limits,
      logger: silent,
      metrics,
      arrived: ({ namespace }) => arrived.push(namespace),
    });
    portServer = new RunnerServer(gate);
    port = await portServer.listenOnPort({ host: '127.0.0.1', port: 0 });
  });
  afterEach(() => portServer.stop());

  function strangers(count: number, text = ''): Socket[] {
    return Array.from({ length: count }, () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      if (text !== '') socket.write(text);
      return socket.resume();
    });
  }

  const open = (sockets: readonly Socket[]): number => sockets.filter(({ destroyed }) => !destroyed).length;

  it('is named when it cannot be had', async () => {
    const gate = new RunnerGate({
      authenticator: tokens,
      limits: portLimits,
      logger: silent,
      metrics,
      arrived: () => 0,
    });
    const second = new RunnerServer(gate).listenOnPort({ host: '127.0.0.1', port });
    await expect(second).rejects.toMatchObject({ code: 'AW_CONFIG_INVALID', field: 'runnerPort' });
  });

  it('holds few connections of who says nothing, and lets a runner in after that', async () => {
    const sockets = strangers(30);
    await expect.poll(() => open(sockets), { timeout: 4_000 }).toBe(8);
    await expect.poll(() => open(sockets), { timeout: 20_000 }).toBe(0);
    const socket = connect(port, '127.0.0.1');
    socket.write(hello(tokens.issue('ns')));
    await expect.poll(() => arrived, { timeout: 10_000 }).toEqual(['ns']);
    socket.destroy();
  });

  it('hangs up on who says hello a byte at a time', async () => {
    const [socket] = strangers(1);
    const text = hello(tokens.issue('ns'));
    let sent = 0;
    const timer = setInterval(() => socket?.write(text[(sent += 1)] ?? ''), 200);
    try {
      await expect.poll(() => socket?.destroyed, { timeout: 20_000 }).toBe(true);
    } finally {
      clearInterval(timer);
    }
    expect(sent).toBeGreaterThan(5);
    expect(arrived).toEqual([]);
  });

  it('reads no more than a hello from a stranger', async () => {
    const [socket] = strangers(1, 'x'.repeat(64 * 1024));
    await expect.poll(() => socket?.destroyed, { timeout: 4_000 }).toBe(true);
    expect(metrics.render()).toContain('autoweave_executor_runner_refusals_total{reason="protocol"} 1');
  });

  it('hangs up at once on a storm of dialling', async () => {
    for (let round = 0; round < 10; round += 1) {
      const sockets = strangers(20, 'no hello\n');
      await expect.poll(() => open(sockets), { timeout: 10_000 }).toBe(0);
    }
    const count = (reason: string): number =>
      Number(new RegExp(`refusals_total{reason="${reason}"} (\\d+)`).exec(metrics.render())?.[1]);
    expect(count('protocol')).toBeLessThanOrEqual(60);
    expect(count('limit') + count('protocol')).toBe(200);
  });
});
