import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HttpDeviceInventory } from './http-device-inventory.ts';

async function withAgent<T>(
  listener: RequestListener,
  use: (inventory: HttpDeviceInventory) => Promise<T>,
): Promise<T> {
  const agent = createServer(listener);
  await once(agent.listen(0, '127.0.0.1'), 'listening');
  try {
    return await use(new HttpDeviceInventory(`http://127.0.0.1:${(agent.address() as AddressInfo).port}`));
  } finally {
    agent.closeAllConnections();
    agent.close();
  }
}

describe('the inventory of the agent', () => {
  it('tells which devices are here', async () => {
    const devices = [
      { name: 'a', present: true, sysfsName: '1-1' },
      { name: 'b', present: false },
    ];
    const answers = await withAgent(
      ({ url }, response) => response.end(url === '/devices' ? JSON.stringify(devices) : ''),
      (inventory) => Promise.all(['a', 'b', 'c'].map((name) => inventory.holds(name))),
    );
    expect(answers).toEqual([true, false, false]);
  });

  it.each<[string, RequestListener]>([
    ['fails', (_, response) => response.writeHead(503).end()],
    ['answers something else', (_, response) => response.end('{}')],
    ['answers no JSON', (_, response) => response.end('<html>')],
    ['never answers', () => undefined],
  ])('tells nothing when the agent %s', async (_, listener) => {
    await withAgent(listener, (inventory) => expect(inventory.holds('a')).rejects.toBeInstanceOf(Error));
  });
});
