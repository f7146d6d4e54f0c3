import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { RunnerMessage } from '@autoweave/crds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunnerConnection } from './runner-connection.ts';

let server: Server;
let runner: Socket;
let connection: RunnerConnection;
/** Of this test: a connection of the one before may end late. */
let closed: string[];

beforeEach(async () => {
  closed = [];
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  runner = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  connection = new RunnerConnection(socket);
  listen(() => undefined);
  connection.welcome();
});
afterEach(() => {
  runner.destroy();
  server.close();
});

function listen(receive: (message: RunnerMessage) => unknown): void {
  const own = closed;
  connection.listen({ receive, closed: (reason) => own.push(reason) });
}

describe('a connection to a runner', { timeout: 60_000 }, () => {
  it('ends when the runner reads nothing of what it is sent, though it goes on talking', async () => {
    runner.pause();
    const talking = setInterval(() => runner.write('{"type":"pong"}\n'), 500);
    const value = 'x'.repeat(500_000);
    for (let id = 0; id < 40; id += 1) connection.send({ type: 'response', id: String(id), value });
    await expect.poll(() => closed, { timeout: 30_000 }).toEqual(['the runner was silent for 10 s']);
    clearInterval(talking);
  });

  it('does not read on while it is held, and does not take that for silence', async () => {
    const lines: string[] = [];
    listen(({ type }) => lines.push(type));
    connection.hold();
    connection.hold();
    runner.write('{"type":"pong"}\n');
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    expect([lines, closed]).toEqual([[], []]);
    connection.release();
    connection.release();
    await expect.poll(() => lines, { timeout: 10_000 }).toEqual(['pong']);
  });

  it('takes long lines once the runner is known', async () => {
    const sizes: number[] = [];
    listen((message) => sizes.push(JSON.stringify(message).length));
    runner.write(`${JSON.stringify({ type: 'result', id: '1', value: 'x'.repeat(900_000) })}\n`);
    await expect.poll(() => sizes, { timeout: 10_000 }).toEqual([900_037]);
    runner.write('x'.repeat(1_100_000));
    await expect.poll(() => closed, { timeout: 10_000 }).toEqual(['A line is longer than 1048576 bytes']);
  });

  it('sends the reason before it hangs up on who is refused', async () => {
    connection.close('no', { type: 'refused', error: { code: 'AW_RUNNER_REFUSED', message: 'no' } });
    let text = '';
    for await (const chunk of runner) text += String(chunk);
    expect(text).toContain('AW_RUNNER_REFUSED');
    expect(connection.isClosed).toBe(true);
  });
});
