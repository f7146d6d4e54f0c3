import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/**
 * Below the usual range of outgoing connections (32768 and up): a server that was killed must find its port free when
 * it starts again, although its clients try to reconnect all the while.
 */
const firstPort = 20_000;
const endPort = 32_000;

/** `count` different loopback ports on which nothing listens now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(firstPort, endPort);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
