import type { InsideSources } from '../load-inside.ts';
import { protocolError, RunnerError } from '../runner-error.ts';
import { areArguments, fieldsFrom, textFrom } from './from-inside.ts';
import { type HookOutcome, PluginIsolate } from './plugin-isolate.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { FromIsolate, ToIsolate } from './thread-messages.ts';

/** Code that goes on after its hook has answered (it did not await the store) gets this long. */
const leftoverMilliseconds = 1000;
const maxOpenRequests = 64;

type Load = ToIsolate & { readonly type: 'load' };
type Call = ToIsolate & { readonly type: 'call' };
type Response = ToIsolate & { readonly type: 'response' };

/** One plugin on the thread of its isolate, from load to end. */
export class IsolateSession {
  readonly #tell: (message: FromIsolate) => void;
  readonly #logs = new RateLimiter({ perSecond: 50, burst: 200 });
  #isolate: PluginIsolate | undefined;
  #openRequests = 0;
  #hook: { readonly deadline: number; readonly timer: NodeJS.Timeout } | undefined;
  #outcome: FromIsolate | undefined;

  constructor(tell: (message: FromIsolate) => void) {
    this.#tell = tell;
  }

  load({ bundle, memoryMegabytes, timeoutMilliseconds, running }: Load, sources: InsideSources): void {
    const deadline = performance.now() + timeoutMilliseconds;
    try {
      const events = {
        settled: (outcome: HookOutcome) => {
          this.#outcome = { type: 'settled', ...outcome };
        },
        request: this.#request.bind(this),
        log: this.#log.bind(this),
      };
      this.#isolate = new PluginIsolate({ memoryMegabytes, running, events, sources });
      this.#isolate.load(bundle, deadline);
    } catch (error) {
      this.#end(error);
      return;
    }
    const left = deadline - performance.now();
    const argument = JSON.stringify({ context: { deadline: Math.floor(Date.now() + left) } });
    this.call({ type: 'call', hook: 'onStart', argument, timeoutMilliseconds: left });
  }

  call({ hook, argument, timeoutMilliseconds }: Call): void {
    const deadline = performance.now() + timeoutMilliseconds;
    const timer = setTimeout(() => this.#end(neverAnswered(hook)), timeoutMilliseconds);
    this.#hook = { deadline, timer };
    this.#left(this.#isolate?.call(hook, argument, deadline));
  }

  respond(response: Response): void {
    this.#openRequests -= 1;
    const deadline = this.#hook?.deadline ?? performance.now() + leftoverMilliseconds;
    this.#left(this.#isolate?.respond(response, deadline));
  }

  dispose(): void {
    clearTimeout(this.#hook?.timer);
    this.#isolate?.dispose();
    this.#isolate = undefined;
    this.#tell({ type: 'free' });
  }

  /** The isolate was left: its hook counts as ended only now, when nothing of it runs any more. */
  #left(fatal: RunnerError | undefined): void {
    if (fatal !== undefined) {
      this.#end(fatal);
      return;
    }
    const outcome = this.#outcome;
    if (outcome === undefined) return;
    this.#outcome = undefined;
    clearTimeout(this.#hook?.timer);
    this.#hook = undefined;
    this.#tellDropped();
    this.#tell(outcome);
  }

  #request(id: number, capability: string, values: string): boolean {
    if (this.#openRequests >= maxOpenRequests || !areArguments(values)) return false;
    this.#openRequests += 1;
    this.#tell({ type: 'request', id, capability, values });
    return true;
  }

  #log(level: string, message: string, fields: string): void {
    if (!this.#logs.take()) return;
    this.#tellDropped();
    const known = level === 'debug' || level === 'warn' || level === 'error' ? level : 'info';
    const given = fieldsFrom(fields);
    this.#tell({
      type: 'log',
      level: known,
      message: textFrom(message),
      ...(given === undefined ? {} : { fields: given }),
    });
  }

  #tellDropped(): void {
    const dropped = this.#logs.takeRefused();
    if (dropped === 0) return;
    this.#tell({ type: 'log', level: 'warn', message: 'Dropped messages of the plugin', fields: { dropped } });
  }

  #end(error: unknown): void {
    this.#tellDropped();
    this.#tell({ type: 'ended', error: protocolError(error) });
    this.dispose();
  }
}

function neverAnswered(hook: string): RunnerError {
  return new RunnerError('AW_PLUGIN_TIMEOUT', `${hook} did not answer before its deadline`);
}
