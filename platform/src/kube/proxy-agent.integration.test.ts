import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { builtinResources } from './builtin-resources.ts';
import { KubeClient } from './kube-client.ts';
import { loadClusterAccess } from './load-cluster-access.ts';

const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function join(left: Socket, right: Socket): void {
  for (const socket of [left, right]) sockets.add(socket.on('error', () => socket.destroy()));
  left.pipe(right).pipe(left);
}

/** Connects where CONNECT says, when the credentials are right. */
function connectProxy(seen: string[]): Server {
  return createHttpServer().on('connect', (request, client: Socket) => {
    seen.push(request.url ?? '');
    const expected = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`;
    if (request.headers['proxy-authorization'] !== expected) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      join(client, server);
    });
  });
}

/** SOCKS 5 without authentication, for IPv4 addresses. */
function socksProxy(seen: string[]): Server {
  return createServer((client) => {
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (request: Buffer) => {
        const host = [...request.subarray(4, 8)].join('.');
        const port = request.readUInt16BE(8);
        seen.push(`${host}:${port}`);
        const server = connect(port, host, () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          join(client, server);
        });
      });
    });
  });
}

describe('an API client behind a proxy', () => {
  async function clientThrough(proxy: string): Promise<KubeClient> {
    const access = await loadClusterAccess({ kubeconfigPath: inject('kubeconfigPath') });
    const client = new KubeClient({ ...access, proxy: new URL(proxy) });
    onTestFinished(() => client.close());
    return client;
  }

  async function listAndWatch(client: KubeClient): Promise<string> {
    const { items, resourceVersion } = await client.list(builtinResources.namespace);
    const options = { resourceVersion, timeoutSeconds: 1 };
    for await (const event of client.watch(builtinResources.namespace, options, AbortSignal.timeout(20_000)))
      void event;
    return items.map(({ metadata }) => metadata.name).join(' ');
  }

  it('reaches the server by CONNECT', async () => {
    const seen: string[] = [];
    const port = await listen(connectProxy(seen));
    const client = await clientThrough(`http://ada:p%40ss@127.0.0.1:${port}`);
    expect(await listAndWatch(client)).toContain('kube-system');
    expect(new Set(seen)).toEqual(new Set([client.access.server.host]));
  });

  it('reaches the server by SOCKS 5', async () => {
    const seen: string[] = [];
    const port = await listen(socksProxy(seen));
    const client = await clientThrough(`socks5://127.0.0.1:${port}`);
    expect(await listAndWatch(client)).toContain('kube-system');
    expect(new Set(seen)).toEqual(new Set([client.access.server.host]));
  });

  it('says what the proxy answered when it refuses', async () => {
    const port = await listen(connectProxy([]));
    const client = await clientThrough(`http://eve:guess@127.0.0.1:${port}`);
    await expect(client.list(builtinResources.namespace)).rejects.toMatchObject({
      code: 'AW_KUBE_UNREACHABLE',
      message: expect.stringMatching(/the proxy 127\.0\.0\.1:\d+ answered 407/),
    });
  });

  it('says that there is no proxy', async () => {
    const client = await clientThrough('http://127.0.0.1:1');
    await expect(client.list(builtinResources.namespace)).rejects.toThrow(/the proxy 127\.0\.0\.1:1 could not be used/);
  });
});
