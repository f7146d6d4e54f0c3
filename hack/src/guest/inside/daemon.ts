import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { onJsonLine, sendJsonLine } from './json-lines.ts';
import { type CommandRequest, daemonPort, type Reply, type SignalRequest } from './protocol.ts';

/** Runs commands in the guest for whoever knows the token; see protocol.ts. The init waits for /run/daemon. */
const token = process.env['AUTOWEAVE_GUEST_TOKEN'];

createServer((socket) => {
  let child: ChildProcess | undefined;
  socket.on('close', () => child?.kill('SIGKILL'));
  onJsonLine(socket, (message) => {
    const request = message as CommandRequest | SignalRequest;
    if ('signal' in request) child?.kill(request.signal);
    else if (request.token === token) child = run(request, (reply) => sendJsonLine(socket, reply));
    else socket.destroy();
  });
}).listen(daemonPort, () => writeFileSync('/run/daemon', ''));

function run(request: CommandRequest, send: (reply: Reply) => void): ChildProcess {
  const { command, parameters, environment, directory, input } = request;
  const child = spawn(command, parameters, { cwd: directory, env: { ...process.env, ...environment } });
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => send({ stream, text }));
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  child.once('error', (error) => {
    send({ stream: 'stderr', text: `${error.message}\n` });
    send({ exit: 127 });
  });
  child.once('close', (code, signal) => send({ exit: code ?? 128 + constants.signals[signal ?? 'SIGKILL'] }));
  return child;
}
