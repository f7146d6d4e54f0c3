import { parentPort } from 'node:worker_threads';
import { loadInside } from '../load-inside.ts';
import { IsolateSession } from './isolate-session.ts';
import type { FromIsolate, ToIsolate } from './thread-messages.ts';

if (parentPort === null) throw new Error('isolate-thread.ts runs as a worker thread only');
const port = parentPort;
/** Read before there is a plugin: a thread is started ahead of its use. */
const sources = loadInside();
let session: IsolateSession | undefined;

function tell(message: FromIsolate): void {
  if (message.type === 'free') session = undefined;
  port.postMessage(message);
}

port.on('message', (message: ToIsolate) => {
  switch (message.type) {
    case 'load':
      session = new IsolateSession(tell);
      session.load(message, sources);
      break;
    // What was sent before the main thread knew of the end is for nobody.
    case 'call':
      session?.call(message);
      break;
    case 'response':
      session?.respond(message);
      break;
    case 'dispose':
      session?.dispose();
      break;
  }
});
