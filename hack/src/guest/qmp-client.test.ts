import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QmpClient, QmpError } from './qmp-client.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);

describe('a QMP client', () => {
  it('gives each command its own answer, in whatever order they come', async () => {
    const held: number[] = [];
    const client = await connectedTo((command, answer) => {
      held.push(command.id);
      if (held.length < 2) return;
      for (const id of held.toReversed()) answer({ id, return: `answer to ${id}` });
    });
    const commands = ['info a', 'info b'].map((line) =>
      client.execute('human-monitor-command', { 'command-line': line }),
    );
    expect(await Promise.all(commands)).toEqual(['answer to 2', 'answer to 3']);
  });

  it('says what QEMU refused, and why', async () => {
    const client = await connectedTo(({ id }, answer) =>
      answer({ id, error: { class: 'DeviceNotFound', desc: "Device 'a' not found" } }),
    );
    const refusal = client.execute('device_del', { id: 'a' });
    await expect(refusal).rejects.toThrow(QmpError);
    await expect(refusal).rejects.toMatchObject({
      message: "device_del: Device 'a' not found",
      errorClass: 'DeviceNotFound',
    });
  });

  it('hears the event it waits for among others', async () => {
    const client = await connectedTo(({ id }, answer) => {
      answer({ event: 'DEVICE_DELETED', data: { device: 'b' } });
      answer({ event: 'DEVICE_DELETED', data: { device: 'a' } });
      answer({ id, return: {} });
    });
    const event = client.nextEvent(({ data }) => data?.['device'] === 'a', soon());
    await client.execute('device_del', { id: 'a' });
    expect(await event).toEqual({ event: 'DEVICE_DELETED', data: { device: 'a' } });
  });

  it('leaves nobody waiting when QEMU ends', async () => {
    const client = await connectedTo((_command, _answer, socket) => socket.destroy());
    await expect(client.execute('device_del', { id: 'a' })).rejects.toThrow('closed the monitor connection');
    await expect(client.execute('device_del', { id: 'a' })).rejects.toThrow('closed the monitor connection');
  });
});

interface Command {
  readonly id: number;
  readonly execute: string;
}

type Answer = (message: object) => void;

/** A client of a monitor that accepts the negotiation and hands every further command to `respond`. */
async function connectedTo(respond: (command: Command, answer: Answer, socket: Socket) => void): Promise<QmpClient> {
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-qmp-'));
  const server = createServer((socket) => {
    const answer: Answer = (message) => void socket.write(`${JSON.stringify(message)}\r\n`);
    answer({ QMP: { version: {}, capabilities: [] } });
    createInterface({ input: socket }).on('line', (line) => {
      const command = JSON.parse(line) as Command;
      if (command.execute === 'qmp_capabilities') answer({ id: command.id, return: {} });
      else respond(command, answer, socket);
    });
  });
  server.listen(join(directory, 'monitor'));
  await once(server, 'listening');
  const client = await QmpClient.connect(join(directory, 'monitor'));
  onTestFinished(async () => {
    client.close();
    server.close();
    await rm(directory, { recursive: true });
  });
  return client;
}
