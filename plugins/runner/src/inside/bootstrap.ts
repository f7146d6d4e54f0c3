import { boundMemory } from './bound-memory.ts';
import { makeLog, replaceConsole } from './log.ts';
import { describeError, StoreErrors } from './plugin-errors.ts';
import { makeStore, Requests } from './store.ts';
import type { Bootstrapped, Host } from './types.ts';

const { parse, stringify } = JSON;
const { apply } = Reflect;
const { create, freeze } = Object;
const hookNames = ['onStart', 'onStop', 'onAttach', 'onDetach', 'onJob'] as const;
const maxResultLength = 16 * 1024;

type Hook = (...values: unknown[]) => unknown;

/**
 * Runs in the context of a plugin before any of its code, and keeps what it needs of the language before that code
 * can change it. `host` is the only way out, and must stay unreachable for plugin code: it is strict-mode code, so
 * no stack frame gives it away.
 */
export function bootstrap(host: Host): Bootstrapped {
  boundMemory();
  const log = makeLog(host);
  replaceConsole(log);
  const errors = new StoreErrors();
  const requests = new Requests(host, errors);
  const store = makeStore(requests);
  const hooks = create(null) as Partial<Record<string, Hook>>;
  let plugin: unknown;

  function register(exported: unknown): string {
    if (typeof exported !== 'object' || exported === null)
      return 'the entry module has no plugin as its default export';
    plugin = exported;
    for (const name of hookNames) {
      const hook: unknown = (exported as Record<string, unknown>)[name];
      if (hook === undefined) continue;
      if (typeof hook !== 'function') return `${name} is no function`;
      hooks[name] = hook as Hook;
    }
    return '';
  }

  async function call(name: string, text: string): Promise<void> {
    const hook = hooks[name];
    if (hook === undefined) {
      if (name === 'onJob') host('failed', 'AW_JOB_INVALID', 'the plugin has no onJob');
      else host('settled', '', '');
      return;
    }
    let value: unknown;
    try {
      const { subject, context } = parse(text) as { subject?: unknown; context: object };
      const whole = freeze({ ...context, log, store });
      value = await apply(hook, plugin, subject === undefined ? [whole] : [subject, whole]);
    } catch (error) {
      const { message, stack } = describeError(error);
      log.error('The hook threw', { hook: name, stack });
      host(
        'failed',
        errors.codeOf(error) ?? (name === 'onStart' ? 'AW_PLUGIN_LOAD_FAILED' : 'AW_PLUGIN_THREW'),
        message,
      );
      return;
    }
    settle(value);
  }

  function settle(value: unknown): void {
    let json: string | undefined;
    try {
      json = value === undefined ? '' : stringify(value);
    } catch (error) {
      host('failed', 'AW_RESULT_INVALID', describeError(error).message);
      return;
    }
    if (json === undefined) host('failed', 'AW_RESULT_INVALID', `the hook returned a ${typeof value}`);
    else if (json.length > maxResultLength) {
      host('failed', 'AW_RESULT_TOO_LARGE', `the hook returned ${json.length} characters of JSON`);
    } else host('settled', '', json);
  }

  return freeze({
    register,
    call: (name: string, text: string) => void call(name, text),
    respond: (id: number, code: string, text: string) => requests.respond(id, code, text),
  });
}
