import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Calls `receive` with each line that comes, parsed. Errors of the connection are for its `close` listeners, which
 * hear of every end.
 */
export function onJsonLine(socket: Socket, receive: (message: unknown) => void): void {
  socket.on('error', () => undefined);
  const lines = createInterface({ input: socket });
  // It repeats the errors of its input.
  lines.on('error', () => undefined);
  lines.on('line', (line) => receive(JSON.parse(line)));
}

export function sendJsonLine(socket: Socket, message: object): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
