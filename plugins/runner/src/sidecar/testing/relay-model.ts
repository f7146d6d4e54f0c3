import { strict as assert } from 'node:assert';
import type { ExecutorMessage, RunnerMessage } from '@autoweave/crds';
import type { ExecutorOrder } from '../../connection/executor-connection.ts';
import { Relay } from '../relay.ts';

export const plugin = { namespace: 'ns', name: 'p' };
const digest = `sha256:${'0'.repeat(64)}`;
const manifest = { manifestVersion: 1, name: 'p', version: '1.0.0', files: {} } as const;

export function load(id: string, uid = 'u1'): ExecutorOrder {
  const limits = { memoryMegabytes: 64, timeoutSeconds: 10 };
  return { type: 'load', id, plugin, uid, digest, bundle: { manifest, files: {} }, ...limits };
}

export function unload(id: string): ExecutorOrder {
  return { type: 'unload', id, plugin };
}

export function call(id: string): ExecutorOrder {
  return { type: 'call', id, plugin, hook: 'onJob', argument: { jobId: 'j' }, timeoutSeconds: 10 };
}

export function isQuestion(
  message: ExecutorMessage,
): message is ExecutorMessage & { type: 'load' | 'unload' | 'call' } {
  return ['load', 'unload', 'call'].includes(message.type);
}

/** What may happen, in any order. */
export const relaySteps = [
  'came',
  'went',
  'load u1',
  'load u2',
  'call',
  'unload',
  'answer',
  'fail',
  'request a',
  'request b',
  'respond a',
  'respond b',
  'log',
  'ended',
] as const;

/** Plays both ends of a relay by the rules, and checks each message that arrives. */
export class RelayModel {
  readonly #relay: Relay;
  #hasExecutor = false;
  #lastId = 0;
  /** What this executor asked and was not told. */
  readonly #open = new Set<string>();
  /** What the plugin works on. */
  #question: string | undefined;
  /** What the plugin waits for. */
  readonly #requests = new Set<string>();
  readonly #steps: Readonly<Record<string, (word: string) => void>> = {
    came: () => this.#came(),
    went: () => this.#went(),
    load: (uid) => this.#order((id) => load(id, uid)),
    call: () => this.#order(call),
    unload: () => this.#order(unload),
    answer: () => this.#answer({ value: 1 }),
    fail: () => this.#answer({ error: { code: 'AW_PLUGIN_THREW', message: 'm' } }),
    request: (id) => this.#request(id),
    respond: (id) => this.#respond(id),
    log: () => this.#relay.fromPlugin({ type: 'log', plugin, level: 'info', message: 'm' }),
    ended: () => this.#relay.fromPlugin({ type: 'ended', plugin, error: { code: 'AW_PLUGIN_ENDED', message: 'm' } }),
  };

  constructor() {
    this.#relay = new Relay({
      toPlugin: (message) => this.#pluginHears(message),
      toExecutor: (message) => this.#executorHears(message),
      cutPlugin: (reason) => assert.fail(reason),
    });
  }

  take(step: (typeof relaySteps)[number]): void {
    const [verb = '', word = ''] = step.split(' ');
    this.#steps[verb]?.(word);
  }

  /** The plugin answers whatever it is asked, until it is asked no more. */
  finish(): { readonly unanswered: readonly string[]; readonly busy: boolean } {
    while (this.#question !== undefined) this.#answer({});
    const { busy } = this.#relay;
    this.#relay.end();
    return { unanswered: [...this.#open], busy };
  }

  #came(): void {
    if (this.#hasExecutor) return;
    this.#hasExecutor = true;
    this.#relay.executorCame();
  }

  #went(): void {
    if (!this.#hasExecutor) return;
    this.#hasExecutor = false;
    this.#open.clear();
    this.#relay.executorWent();
    assert.deepEqual([...this.#requests], []);
  }

  #order(make: (id: string) => ExecutorOrder): void {
    if (!this.#hasExecutor) return;
    const id = String((this.#lastId += 1));
    this.#open.add(id);
    this.#relay.fromExecutor(make(id));
  }

  #answer(answer: Pick<RunnerMessage & { type: 'result' }, 'value' | 'error'>): void {
    const id = this.#question;
    if (id === undefined) return;
    this.#question = undefined;
    this.#relay.fromPlugin({ type: 'result', id, ...answer });
  }

  #request(id: string): void {
    if (this.#requests.has(id)) return;
    this.#requests.add(id);
    this.#relay.fromPlugin({ type: 'request', id, plugin, capability: 'store.get', arguments: [] });
  }

  #respond(id: string): void {
    if (this.#hasExecutor && this.#requests.has(id)) this.#relay.fromExecutor({ type: 'response', id });
  }

  #pluginHears(message: ExecutorMessage): void {
    if (message.type === 'response') {
      assert(this.#requests.delete(message.id), 'a response that the plugin did not ask for');
      return;
    }
    assert(isQuestion(message));
    assert.equal(this.#question, undefined, 'two questions at a time');
    this.#question = message.id;
  }

  #executorHears(message: RunnerMessage): void {
    assert(this.#hasExecutor, 'a message to nobody');
    if (message.type === 'result') assert(this.#open.delete(message.id), 'an answer that nobody asked for');
  }
}
