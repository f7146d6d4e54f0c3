import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { runnerProtocol } from '@autoweave/crds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../testing/executor-bench.ts';
import { OneTimeTokens } from './one-time-tokens.ts';
import { RunnerServer } from './runner-server.ts';

let server: RunnerServer;
let path: string;
let tokens: OneTimeTokens;
let arrived: string[];

beforeEach(async () => {
  tokens = new OneTimeTokens();
  arrived = [];
  server = new RunnerServer({ authenticator: tokens, logger: silent, arrived: (name) => arrived.push(name) });
  path = await server.start();
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
    expect(await answer(hello(token))).toBe('');
  });

  it.each([
    ['another token', () => hello('x')],
    ['the token of another namespace', () => hello(tokens.issue('other'))],
    ['another version', () => hello(tokens.issue('ns'), 'ns', 2)],
    ['another message first', () => '{"type":"pong"}\n'],
    ['no JSON', () => 'GET / HTTP/1.1\n'],
    ['an unknown field', () => hello(tokens.issue('ns')).replace('{', '{"admin":true,')],
    ['a line without end', () => 'x'.repeat(runnerProtocol.maxMessageBytes + 1)],
  ])('hangs up on %s', async (_, text) => {
    expect(await answer(text())).toBe('');
    expect(arrived).toEqual([]);
  });
});
