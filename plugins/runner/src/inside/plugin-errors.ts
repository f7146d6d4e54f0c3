const toText = String;
const maxLength = 2048;

/** Text of whatever a plugin threw; reading it may run code of the plugin, and throw again. */
export function describeError(error: unknown): { readonly message: string; readonly stack: string } {
  try {
    if (!(error instanceof Error)) return { message: cut(toText(error)), stack: '' };
    const stack = typeof error.stack === 'string' ? error.stack : '';
    const frame = /^ +(at .*)$/m.exec(stack)?.[1];
    const message = `${toText(error.name)}: ${toText(error.message)}`;
    return { message: cut(frame === undefined ? message : `${message}, ${frame}`), stack: cut(stack) };
  } catch {
    return { message: 'it threw something that cannot be shown', stack: '' };
  }
}

function cut(text: string): string {
  return text.length <= maxLength ? text : `${text.substring(0, maxLength - 1)}…`;
}

/**
 * Errors that the host answered with: a hook that lets one through fails with its code. A plugin can forge that; the
 * host takes none that means more than that the hook failed.
 */
export class StoreErrors {
  readonly #codes = new WeakMap<object, string>();

  create(code: string, message: string): Error {
    const error = Object.assign(new Error(message), { code });
    error.name = 'StoreError';
    this.#codes.set(error, code);
    return error;
  }

  codeOf(error: unknown): string | undefined {
    return typeof error === 'object' && error !== null ? this.#codes.get(error) : undefined;
  }
}
