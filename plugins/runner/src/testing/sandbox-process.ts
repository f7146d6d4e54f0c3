import { IsolateSandbox } from '../isolate/isolate-sandbox.ts';
import { ThreadPool } from '../isolate/thread-pool.ts';
import type { PluginSandbox, RequestAnswer, SandboxListener } from '../plugin-sandbox.ts';
import { protocolError } from '../runner-error.ts';
import type { FromSandboxes, ToSandboxes } from './sandbox-messages.ts';

/** A process with sandboxes for tests: a test that ends its own threads could be aborted by it (see ThreadPool). */
const threads = new ThreadPool();
const sandboxes = new Map<number, PluginSandbox>();
const requests = new Map<number, (answer: RequestAnswer) => void>();
let lastRequest = 0;

function tell(message: FromSandboxes): void {
  process.send?.(message);
}

function listenerOf(sandbox: number): SandboxListener {
  return {
    request: (capability, values) => {
      const id = (lastRequest += 1);
      tell({ type: 'request', sandbox, id, capability, values });
      return new Promise((resolve) => requests.set(id, resolve));
    },
    log: (entry) => tell({ type: 'log', sandbox, entry }),
    ended: (error) => tell({ type: 'ended', sandbox, error }),
    stuck: () => tell({ type: 'stuck', sandbox }),
  };
}

type Question = Extract<ToSandboxes, { type: 'load' | 'call' | 'stop' }>;

function perform(message: Question): Promise<string | undefined | void> | undefined {
  const sandbox = sandboxes.get(message.sandbox);
  if (message.type === 'load') return sandbox?.load(message.bundle);
  if (message.type === 'call') return sandbox?.call(message.call);
  return sandbox?.stop();
}

async function answer(message: Question): Promise<void> {
  const { id } = message;
  try {
    const value = await perform(message);
    tell({ type: 'answer', id, ...(typeof value === 'string' ? { value } : {}) });
  } catch (error) {
    tell({ type: 'answer', id, error: protocolError(error) });
  }
}

process.on('message', (message: ToSandboxes) => {
  if (message.type === 'create') {
    const { sandbox, memoryMegabytes, timeoutMilliseconds } = message;
    const options = { memoryMegabytes, timeoutMilliseconds, listener: listenerOf(sandbox) };
    sandboxes.set(sandbox, new IsolateSandbox(threads, options));
  } else if (message.type === 'response') {
    requests.get(message.id)?.(message.answer);
  } else {
    void answer(message);
  }
});
