import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRunnerMessage } from '@autoweave/crds/validators';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sidecar } from './sidecar.ts';

const patient = { timeout: 20_000, interval: 10 };
const hello = '{"type":"hello","version":1}\n';

/** Welcomes whoever dials, and keeps what it hears. */
class FakeExecutor {
  readonly lines: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #server: Server = createServer((socket) => {
    this.sockets.push(socket);
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        this.lines.push(...String(chunk).split('\n').filter(Boolean));
      });
    socket.write('{"type":"welcome","version":1}\n');
  });

  async start(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }
}

let directory: string;
let executor: FakeExecutor;
let sidecar: Sidecar;
let socketPath: string;

beforeEach(async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  directory = await mkdtemp(join(tmpdir(), 'autoweave-sidecar-'));
  socketPath = join(directory, 'plugin.sock');
  executor = new FakeExecutor();
  const address = { host: '127.0.0.1', port: await executor.start() };
  sidecar = new Sidecar({ executor: { address, namespace: 'ns', token: async () => 'secret' }, socketPath });
  await sidecar.start();
});
afterEach(async () => {
  await sidecar.stop();
  executor.stop();
  await rm(directory, { recursive: true });
  vi.restoreAllMocks();
});

/** A plugin that says this, and reads. */
async function plugin(text: string | Buffer): Promise<Socket> {
  const socket = connect(socketPath).on('error', () => undefined);
  await once(socket, 'connect');
  socket.resume().write(text);
  return socket;
}

describe('a sidecar', { timeout: 60_000 }, () => {
  it('dials the executor for a plugin that is there, with the token of the pod, and hangs up with it', async () => {
    expect(executor.sockets).toEqual([]);
    const socket = await plugin(hello);
    await expect
      .poll(() => executor.lines, patient)
      .toEqual(['{"type":"hello","version":1,"namespace":"ns","token":"secret"}']);
    await expect.poll(() => sidecar.probes['/readyz']?.(), patient).toBeUndefined();
    socket.destroy();
    await expect.poll(() => executor.sockets[0]?.destroyed, patient).toBe(true);
    expect(sidecar.probes['/readyz']?.()).toBe('no plugin is connected');
  });

  it('tells an executor nothing that is not of the protocol, whatever the plugin says', async () => {
    const valid = [
      '{"type":"pong"}',
      '{"type":"log","plugin":{"namespace":"n","name":"p"},"level":"info","message":"m"}',
      '{"type":"request","id":"1","plugin":{"namespace":"n","name":"p"},"capability":"store.get","arguments":["k"]}',
    ];
    const line = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...valid) },
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '{"type":"result","id":"1"}',
        '{"type":"hello","version":1}',
        '{"type":"leaving","x":1}',
        '',
        '{',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.boolean(), async (lines, greets) => {
        const socket = await plugin(`${greets ? hello : ''}${lines.join('\n')}\n`);
        socket.end();
        if (!socket.destroyed) await once(socket, 'close');
      }),
      { numRuns: 60 },
    );
    const last = async (): Promise<string | undefined> => {
      await plugin(hello);
      return sidecar.probes['/readyz']?.();
    };
    await expect.poll(last, { ...patient, interval: 500 }).toBeUndefined();
    expect(executor.lines.map(parseRunnerMessage).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('does not pass a storm of plugins on to the executor', async () => {
    for (let n = 0; n < 60; n += 1) {
      const socket = await plugin(hello);
      socket.end();
      if (!socket.destroyed) await once(socket, 'close');
    }
    expect(executor.sockets.length).toBeLessThan(45);
  });

  it('keeps the plugin when the executor speaks rubbish, and dials again', async () => {
    const socket = await plugin(hello);
    await expect.poll(() => sidecar.probes['/readyz']?.(), patient).toBeUndefined();
    executor.sockets[0]?.write('HTTP/1.1 400 Bad Request\n');
    await expect.poll(() => executor.sockets.length, patient).toBe(2);
    await expect.poll(() => sidecar.probes['/readyz']?.(), patient).toBeUndefined();
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  it('keeps its place over a socket that a killed one left', async () => {
    const second = new Sidecar({ executor: { address: { host: '127.0.0.1', port: 1 } }, socketPath });
    await second.start();
    expect(second.probes['/healthz']?.()).toBeUndefined();
    await second.stop();
  });
});
