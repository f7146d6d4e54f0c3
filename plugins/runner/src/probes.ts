import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** By path: why it is not so; undefined when it is. */
export type Probes = Readonly<Record<string, () => string | undefined>>;

/** Answers the probes of the kubelet: GET only, one line of text. */
export class ProbeServer {
  readonly #server: Server;

  constructor(probes: Probes) {
    this.#server = createServer({ requestTimeout: 5000, maxHeaderSize: 4096 }, (request, response) => {
      const probe = Object.hasOwn(probes, request.url ?? '') ? probes[request.url ?? ''] : undefined;
      const reason = probe === undefined ? `paths: ${Object.keys(probes).join(' ')}` : probe();
      response.writeHead(probe === undefined ? 404 : reason === undefined ? 200 : 503, {
        'content-type': 'text/plain; charset=utf-8',
        connection: 'close',
      });
      response.end(`${reason ?? 'ok'}\n`);
    });
    this.#server.maxConnections = 16;
  }

  /** @param port 0 takes a free one. @returns the port. */
  async start(port: number): Promise<number> {
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen(port, listening.resolve);
    await listening.promise;
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
