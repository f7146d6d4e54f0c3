import type { ErrorCode, ExecutorMessage, PluginKey, ProtocolError, RunnerMessage } from '@autoweave/crds';
import type { ExecutorOrder } from '../connection/executor-connection.ts';

export interface RelayEnds {
  toPlugin(message: ExecutorMessage): void;
  toExecutor(message: RunnerMessage): void;
  /** The plugin cannot be worked with any more. The relay does nothing after that. */
  cutPlugin(reason: string): void;
}

type Question = ExecutorOrder & { readonly type: 'load' | 'unload' | 'call' };

interface Waiting {
  readonly question: Question;
  /** What the executor knows it by; undefined: nobody waits for the answer. */
  answerTo: string | undefined;
}

/** What the plugin works on. */
interface Asked extends Waiting {
  /** What the plugin knows the question by. */
  readonly id: string;
  readonly deadline: NodeJS.Timeout;
}

interface Loaded {
  readonly plugin: PluginKey;
  readonly revision: string;
}

/** How much later than its deadline a plugin may say so itself; an isolate takes up to 2 s. */
const graceSeconds = 3;
const unloadSeconds = 6;
const maxRequests = 256;

/**
 * Stands between one plugin container and the executors that come and go. A plugin gets one question at a time, may
 * answer only that one, has to do so in time, and never hears of another executor's answers. An executor gets one
 * answer to each question, unless its connection ends before.
 */
export class Relay {
  readonly #ends: RelayEnds;
  readonly #waiting: Waiting[] = [];
  /** Ids of what the plugin asked the executor. */
  readonly #requests = new Set<string>();
  #asked: Asked | undefined;
  #loaded: Loaded | undefined;
  #lastId = 0;
  #hasExecutor = false;
  #leaving = false;
  #over = false;
  #idle = Promise.withResolvers<void>();

  constructor(ends: RelayEnds) {
    this.#ends = ends;
  }

  /** The plugin works on a question. */
  get busy(): boolean {
    return this.#asked !== undefined;
  }

  /** An executor welcomed us. */
  executorCame(): void {
    this.#hasExecutor = true;
    if (this.#leaving) this.#tell({ type: 'leaving' });
  }

  /** What the plugin works on goes on, but nobody waits for its answer. */
  executorWent(): void {
    this.#hasExecutor = false;
    this.#waiting.length = 0;
    if (this.#asked !== undefined) this.#asked.answerTo = undefined;
    for (const id of this.#requests) this.#ends.toPlugin({ type: 'response', id, error: away });
    this.#requests.clear();
  }

  fromExecutor(message: ExecutorOrder): void {
    if (this.#over) return;
    switch (message.type) {
      case 'load':
      case 'unload':
      case 'call':
        this.#waiting.push({ question: message, answerTo: message.id });
        return this.#next();
      case 'response':
        if (this.#requests.delete(message.id)) this.#ends.toPlugin(message);
        return undefined;
      case 'shutdown':
        return this.#ends.toPlugin(message);
    }
  }

  fromPlugin(message: RunnerMessage): void {
    if (this.#over) return;
    switch (message.type) {
      case 'result':
        return this.#answered(message);
      case 'request':
        return this.#request(message);
      case 'ended':
        this.#loaded = undefined;
        return this.#tell(message);
      case 'leaving':
        this.#leaving = true;
        return this.#tell(message);
      case 'log':
        return this.#tell(message);
      case 'hello':
        return this.#cut('AW_PROTOCOL_VIOLATION: it said hello twice');
      case 'pong':
    }
  }

  /** Takes no more calls, lets the one that runs end, and unloads. Resolves when the plugin knows nothing more to do. */
  async leave(): Promise<void> {
    this.#leaving = true;
    this.#tell({ type: 'leaving' });
    await this.#whenIdle();
    const plugin = this.#loaded?.plugin;
    if (plugin === undefined || this.#over) return;
    this.#waiting.push({ question: { type: 'unload', id: '', plugin }, answerTo: undefined });
    this.#next();
    await this.#whenIdle();
  }

  /** The plugin is gone. Idempotent. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#asked?.deadline);
    this.#idle.resolve();
  }

  async #whenIdle(): Promise<void> {
    if (this.#asked !== undefined && !this.#over) await this.#idle.promise;
  }

  #next(): void {
    while (this.#asked === undefined && !this.#over) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#idle.resolve();
        this.#idle = Promise.withResolvers();
        return;
      }
      const known = this.#knownAnswer(next.question);
      if (known === undefined) this.#ask(next);
      else this.#answer(next, known);
    }
  }

  /** What the plugin need not be asked. */
  #knownAnswer(question: Question): Answer | undefined {
    if (question.type === 'load') return this.#loaded?.revision === revisionOf(question) ? {} : undefined;
    if (this.#loaded !== undefined) return undefined;
    return question.type === 'unload' ? {} : { error: failure('AW_PLUGIN_ENDED', 'the plugin is not loaded') };
  }

  #ask({ question, answerTo }: Waiting): void {
    const id = String((this.#lastId += 1));
    const seconds = question.type === 'unload' ? unloadSeconds : question.timeoutSeconds;
    const deadline = setTimeout(() => this.#late(), (seconds + graceSeconds) * 1000);
    this.#asked = { question, answerTo, id, deadline };
    this.#ends.toPlugin({ ...question, id });
  }

  #answered({ id, value, error }: RunnerMessage & { readonly type: 'result' }): void {
    const asked = this.#asked;
    if (asked?.id !== id) return this.#cut(`AW_PROTOCOL_VIOLATION: it answered ${id}, which it was not asked`);
    clearTimeout(asked.deadline);
    this.#asked = undefined;
    const { question } = asked;
    if (question.type === 'load' && error === undefined) {
      this.#loaded = { plugin: question.plugin, revision: revisionOf(question) };
    } else if (question.type !== 'call') {
      this.#loaded = undefined;
    }
    this.#answer(asked, error === undefined ? { value } : { error });
    return this.#next();
  }

  /** It may hang for ever: only a restart of its container helps, and a connection of its own. */
  #late(): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const { plugin } = asked.question;
    const error = failure('AW_PLUGIN_TIMEOUT', 'it did not answer before its deadline');
    this.#tell({ type: 'ended', plugin, error });
    this.#answer(asked, { error });
    this.#cut('it did not answer before its deadline');
  }

  #request(message: RunnerMessage & { readonly type: 'request' }): void {
    const { id } = message;
    if (!this.#hasExecutor) return this.#ends.toPlugin({ type: 'response', id, error: away });
    if (this.#requests.has(id)) return this.#cut(`AW_PROTOCOL_VIOLATION: it said request ${id} twice at a time`);
    if (this.#requests.size >= maxRequests) return this.#cut('AW_PROTOCOL_VIOLATION: it waits for too many responses');
    this.#requests.add(id);
    return this.#tell(message);
  }

  #answer({ answerTo: id }: Waiting, { value, error }: Answer): void {
    if (id === undefined) return;
    if (error !== undefined) this.#tell({ type: 'result', id, error });
    else this.#tell({ type: 'result', id, ...(value === undefined ? {} : { value }) });
  }

  #tell(message: RunnerMessage): void {
    if (this.#hasExecutor) this.#ends.toExecutor(message);
  }

  #cut(reason: string): void {
    this.end();
    this.#ends.cutPlugin(reason);
  }
}

interface Answer {
  readonly value?: unknown;
  readonly error?: ProtocolError;
}

const away = failure('AW_REDIS_UNREACHABLE', 'the executor of the node is away');

function failure(code: ErrorCode, message: string): ProtocolError {
  return { code, message };
}

/** Another uid, digest or limit is another plugin. */
function revisionOf({ uid, digest, memoryMegabytes, timeoutSeconds }: Question & { readonly type: 'load' }): string {
  return JSON.stringify([uid, digest, memoryMegabytes, timeoutSeconds]);
}
