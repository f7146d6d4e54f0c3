import type { StoreErrors } from './plugin-errors.ts';
import type { Capability, Host } from './types.ts';

const { parse, stringify } = JSON;
const { freeze } = Object;
const toText = String;
const maxArgumentLength = 32 * 1024;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Requests that wait for an answer of the executor. */
export class Requests {
  readonly #host: Host;
  readonly #errors: StoreErrors;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor(host: Host, errors: StoreErrors) {
    this.#host = host;
    this.#errors = errors;
  }

  send(capability: Capability, values: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const text = stringify(values);
      if (text.length > maxArgumentLength) {
        throw this.#errors.create('AW_STORE_FULL', `${text.length} characters of JSON are too much for the store`);
      }
      const id = (this.#last += 1);
      if (this.#host('request', capability, text, toText(id)) === 'refused') {
        throw this.#errors.create('AW_STORE_FULL', 'too many requests to the store are open; await them');
      }
      this.#pending.set(id, { resolve, reject });
    });
  }

  respond(id: number, code: string, text: string): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (code !== '') pending?.reject(this.#errors.create(code, text));
    else pending?.resolve(text === '' ? undefined : parse(text));
  }
}

export function makeStore(requests: Requests): object {
  return freeze({
    get: (key: unknown) => requests.send('store.get', [key]),
    set: async (key: unknown, value: unknown) => {
      if (value === undefined) throw new TypeError('A value of the store is JSON; use delete to remove a key');
      return requests.send('store.set', [key, value]);
    },
    delete: (key: unknown) => requests.send('store.delete', [key]),
    list: (prefix: unknown = '') => requests.send('store.list', [prefix]),
  });
}
