import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger, MetricsRegistry } from '../telemetry/index.ts';
import { jsonReply, ProbeServer, type ProbeServerOptions } from './index.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(options: Partial<ProbeServerOptions> = {}): Promise<{ server: ProbeServer; port: number }> {
  const server = new ProbeServer({
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({ name: 'test', level: 'silent' }),
    metrics: new MetricsRegistry(),
    checks: [],
    ...options,
  });
  stops.push(() => server.stop());
  const { port } = await server.start();
  return { server, port };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly body?: string;
}

function ask(port: number, path: string, { method = 'GET', body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': body.length };
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const ready = { name: 'informers', check: () => undefined };
const waiting = { name: 'redis', check: () => 'the connection to Redis is reconnecting' };

describe('a probe server', () => {
  it('tells that the process lives, at both paths', async () => {
    let live = true;
    const { port } = await serve({ live: () => live });
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    live = false;
    expect(await ask(port, '/health')).toMatchObject({ status: 503, body: 'not live\n' });
  });

  it('stays live while it is not ready', async () => {
    const { port } = await serve({ checks: [waiting] });
    expect((await ask(port, '/healthz')).status).toBe(200);
  });

  it('is ready when every check is, and says why not otherwise', async () => {
    const { port } = await serve({ checks: [ready, waiting] });
    expect(await ask(port, '/readyz')).toMatchObject({
      status: 503,
      body: '[+]informers ok\n[-]redis failed: the connection to Redis is reconnecting\nreadyz check failed\n',
    });
    expect(await ask(port, '/readyz?exclude=redis')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await ask(port, '/readyz?verbose&exclude=redis&exclude=zzz')).toMatchObject({
      status: 200,
      body: '[+]informers ok\n[+]redis excluded: ok\n[!]zzz is no check\nreadyz check passed\n',
    });
  });

  it('takes a check that throws for not ready', async () => {
    const broken = {
      name: 'broken',
      check: (): undefined => {
        throw new Error('no answer');
      },
    };
    const { port } = await serve({ checks: [broken] });
    expect(await ask(port, '/readyz')).toMatchObject({ status: 503, body: expect.stringContaining('no answer') });
  });

  it('serves metrics as Prometheus text', async () => {
    const metrics = new MetricsRegistry();
    metrics.counter({ name: 'a_total', help: 'h' }).increment();
    const { port } = await serve({ metrics });
    const { headers, body } = await ask(port, '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('\na_total 1\n');
  });

  it('serves further routes, and hides what went wrong in them', async () => {
    const routes = {
      '/devices': (url: URL) => jsonReply({ filter: url.searchParams.get('filter') }),
      '/broken': async () => Promise.reject(new Error('password is hunter2')),
    };
    const { port } = await serve({ routes });
    expect(await ask(port, '/devices?filter=03')).toMatchObject({ status: 200, body: '{"filter":"03"}\n' });
    expect(await ask(port, '/broken')).toMatchObject({ status: 500, body: 'internal error\n' });
  });

  it('serves local routes to this machine only', async () => {
    const { port } = await serve({ host: '0.0.0.0', localRoutes: { '/devices': () => jsonReply([]) } });
    expect(await ask(port, '/devices')).toMatchObject({ status: 200, body: '[]\n' });
    const outside = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    for (const { address } of outside.filter(({ family, internal }) => family === 'IPv4' && !internal)) {
      expect((await fetch(`http://${address}:${port}/devices`)).status).toBe(404);
      expect((await fetch(`http://${address}:${port}/healthz`)).status).toBe(200);
    }
  });

  it('answers HEAD, and nothing but GET and HEAD, and takes no body', async () => {
    const { port } = await serve();
    expect(await ask(port, '/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect((await ask(port, '/healthz', { method: 'POST', body: 'x' })).status).toBe(405);
    expect(await ask(port, '/healthz', { body: 'x' })).toMatchObject({ status: 413, headers: { connection: 'close' } });
    expect(await ask(port, '/zzz')).toMatchObject({ status: 404, body: expect.stringContaining('/readyz') });
  });

  it('survives targets that are no paths', async () => {
    const { port } = await serve();
    expect((await ask(port, '//')).status).toBe(404);
    expect((await ask(port, 'http://[')).status).toBe(404);
  });

  it('refuses headers of unusual size', async () => {
    const { port } = await serve();
    expect((await ask(port, `/healthz?${'x'.repeat(20_000)}`)).status).toBe(431);
  });

  it('names the address that it cannot listen on', async () => {
    const { port } = await serve();
    await expect(serve({ port })).rejects.toMatchObject({
      code: 'AW_CONFIG_INVALID',
      field: 'probePort',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  it('stops although a client holds its connection open, more than once', async () => {
    const { server, port } = await serve();
    const socket = connect({ host: '127.0.0.1', port });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
    socket.on('error', () => undefined);
    await server.stop();
    await server.stop();
    await closed;
    await expect(ask(port, '/healthz')).rejects.toThrow('ECONNREFUSED');
  });
});
