import ivm from 'isolated-vm';
import { isDeeperThan, maxJsonDepth, type PluginBundle, type ProtocolError } from '@autoweave/crds';
import type { Bootstrapped, Host } from '../inside/types.ts';
import type { InsideSources } from '../load-inside.ts';
import { RunnerError } from '../runner-error.ts';
import { failureFrom } from './from-inside.ts';
import { linkModule } from './module-graph.ts';

/** What code in the isolate told. */
export interface IsolateEvents {
  /** A hook ended. Told while code of the plugin may still run. */
  settled(outcome: HookOutcome): void;
  /** @returns false to refuse. */
  request(id: number, capability: string, values: string): boolean;
  log(level: string, message: string, fields: string): void;
}

/** `value` as JSON; neither when the hook answered nothing. */
export interface HookOutcome {
  readonly value?: string;
  readonly error?: ProtocolError;
}

export interface PluginIsolateOptions {
  readonly memoryMegabytes: number;
  readonly events: IsolateEvents;
  /** One number, set to 1 while code of the plugin runs. */
  readonly running: Int32Array;
  readonly sources: InsideSources;
}

const maxResultBytes = 16 * 1024;
const allocationFailed = 'RangeError: Array buffer allocation failed';

type InsideReferences = Readonly<Record<keyof Bootstrapped, ivm.Reference>>;

/**
 * One V8 isolate with the code of one plugin, entered synchronously: the thread belongs to the plugin while its code
 * runs. (The asynchronous calls of isolated-vm share one thread pool in the process, where a few spinning plugins
 * would stop all others.) Only text and numbers cross; the plugin gets no Reference and no function but `host`.
 */
export class PluginIsolate {
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #running: Int32Array;
  readonly #memoryMegabytes: number;
  readonly #sdk: string;
  readonly #inside: InsideReferences;
  #deadline = Number.POSITIVE_INFINITY;

  constructor({ memoryMegabytes, events, running, sources }: PluginIsolateOptions) {
    this.#memoryMegabytes = memoryMegabytes;
    this.#running = running;
    // No onCatastrophicError: with it, an allocation that V8 cannot survive hangs this thread for ever; without it,
    // the process aborts, and the executor finds out who did it by running the calls again one by one.
    this.#isolate = new ivm.Isolate({ memoryLimit: memoryMegabytes });
    this.#context = this.#isolate.createContextSync();
    this.#sdk = sources.sdk;
    this.#inside = this.#bootstrap(this.#host(events), sources.bootstrap);
  }

  /**
   * Evaluates the modules and takes the plugin out of the default export of the entry.
   * @param deadline in the time of performance.now, like everywhere here
   * @throws RunnerError
   */
  load({ manifest, files }: PluginBundle, deadline: number): void {
    const sdk = new Map([['@autoweave/sdk', this.#sdk]]);
    let failure: unknown;
    const fatal = this.#enter(deadline, (timeout) => {
      try {
        if (manifest.entry === undefined) throw new RunnerError('AW_PLUGIN_LOAD_FAILED', 'the manifest names no entry');
        const graph = { isolate: this.#isolate, context: this.#context, builtIn: sdk };
        const module = linkModule({ ...graph, files: new Map(Object.entries(files)) }, manifest.entry);
        module.evaluateSync({ timeout });
        this.#register(module, timeout);
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    if (fatal !== undefined) throw fatal;
    if (failure instanceof RunnerError) throw failure;
    if (failure !== undefined) throw new RunnerError('AW_PLUGIN_LOAD_FAILED', thrownText(failure));
  }

  /** Runs a hook until it waits for something or ends. @returns why the isolate cannot go on, or undefined. */
  call(hook: string, argument: string, deadline: number): RunnerError | undefined {
    return this.#enter(deadline, (timeout) => {
      this.#inside.call.applySync(undefined, [hook, argument], { timeout });
    });
  }

  /** Lets code that waits for a request go on. */
  respond(response: IsolateResponse, deadline: number): RunnerError | undefined {
    const { id, error, value } = response;
    const text = error?.message ?? (value === undefined ? '' : JSON.stringify(value));
    return this.#enter(deadline, (timeout) => {
      this.#inside.respond.applySync(undefined, [id, error?.code ?? '', text], { timeout });
    });
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  #bootstrap(host: ivm.Callback<Host>, files: ReadonlyMap<string, string>): InsideReferences {
    const graph = { isolate: this.#isolate, context: this.#context, files, builtIn: new Map<string, string>() };
    const module = linkModule(graph, 'bootstrap.ts');
    module.evaluateSync();
    const start = module.namespace.getSync('bootstrap', { reference: true });
    const inside: ivm.Reference = start.applySync(undefined, [host], { result: { reference: true } });
    const take = (name: keyof Bootstrapped): ivm.Reference => inside.getSync(name, { reference: true });
    return { register: take('register'), call: take('call'), respond: take('respond') };
  }

  #register(module: ivm.Module, timeout: number): void {
    let exported: ivm.Reference;
    try {
      exported = module.namespace.getSync('default', { reference: true });
    } catch {
      // Nothing can wake a top-level await that still waits: there are no timers, and no requests before onStart.
      throw new RunnerError('AW_PLUGIN_LOAD_FAILED', 'the entry module waits for ever in a top-level await');
    }
    const wrong: unknown = this.#inside.register.applySync(undefined, [exported.derefInto()], { timeout });
    if (wrong !== '') throw new RunnerError('AW_PLUGIN_LOAD_FAILED', String(wrong));
  }

  #host(events: IsolateEvents): ivm.Callback<Host> {
    return new ivm.Callback<Host>((kind, word, text, detail = '') => {
      try {
        // isolated-vm stops its clock while this runs, so a plugin that only calls out would never time out.
        if (performance.now() > this.#deadline) this.#isolate.dispose();
        else if (kind === 'request') return events.request(Number(detail), word, text) ? undefined : 'refused';
        else if (kind === 'log') events.log(word, text, detail);
        else if (kind === 'settled') events.settled(answerOutcome(text));
        else events.settled({ error: failureFrom(word, text) });
        if (kind === 'failed' && text.startsWith(allocationFailed)) this.#isolate.dispose();
      } catch {
        return 'refused';
      }
      return undefined;
    });
  }

  /**
   * The one way into the isolate. Microtasks run before it returns, within the deadline.
   * @returns why the isolate cannot go on. An error that nobody caught is the plugin's own affair, and none.
   */
  #enter(deadline: number, run: (timeout: number) => void): RunnerError | undefined {
    this.#deadline = deadline;
    Atomics.store(this.#running, 0, 1);
    try {
      run(Math.max(1, Math.ceil(deadline - performance.now())));
      return undefined;
    } catch (error) {
      return this.#fatal(error);
    } finally {
      Atomics.store(this.#running, 0, 0);
      this.#deadline = Number.POSITIVE_INFINITY;
    }
  }

  #fatal(error: unknown): RunnerError | undefined {
    const timedOut = error instanceof Error && error.message === 'Script execution timed out.';
    if (timedOut || performance.now() >= this.#deadline) {
      return new RunnerError('AW_PLUGIN_TIMEOUT', 'its code ran until the deadline');
    }
    if (this.#isolate.isDisposed) {
      return new RunnerError('AW_PLUGIN_OUT_OF_MEMORY', `it used more than ${this.#memoryMegabytes} MiB`);
    }
    return undefined;
  }
}

export interface IsolateResponse {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: ProtocolError;
}

/** @param json '' when the hook answered nothing */
function answerOutcome(json: string): HookOutcome {
  const bytes = Buffer.byteLength(json);
  if (bytes > maxResultBytes) {
    return { error: { code: 'AW_RESULT_TOO_LARGE', message: `the hook returned ${bytes} bytes of JSON` } };
  }
  if (json === '') return {};
  if (!isDeeperThan(JSON.parse(json), maxJsonDepth)) return { value: json };
  return {
    error: { code: 'AW_RESULT_INVALID', message: `the hook returned more than ${maxJsonDepth} levels of JSON` },
  };
}

/** The stack of an error from the isolate goes on with frames of the host; only the message and place are told. */
function thrownText(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error).slice(0, 1000)}`;
  const place = /^ +at (.*)$/m.exec(error.stack ?? '')?.[1] ?? '';
  const inBundle = place !== '' && !place.includes('isolated-vm') && !place.includes('file://');
  return `${error.name}: ${error.message}${inBundle ? `, at ${place}` : ''}`.slice(0, 4096);
}
