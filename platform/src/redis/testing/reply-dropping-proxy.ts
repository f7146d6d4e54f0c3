import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** For tests: a TCP proxy that can lose a reply, the way a connection does that breaks after the server has acted. */
export interface ReplyDroppingProxy {
  readonly port: number;
  /** The next reply is not passed on; its connection is closed instead. */
  dropNextReply(): void;
  stop(): Promise<void>;
}

export async function startReplyDroppingProxy(serverPort: number): Promise<ReplyDroppingProxy> {
  const sockets = new Set<Socket>();
  let dropping = false;
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: serverPort });
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => peer.destroy());
      socket.on('close', () => peer.destroy());
    }
    client.on('data', (request) => upstream.write(request));
    upstream.on('data', (reply) => {
      if (dropping) client.destroy();
      else client.write(reply);
      dropping = false;
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    dropNextReply: () => {
      dropping = true;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
