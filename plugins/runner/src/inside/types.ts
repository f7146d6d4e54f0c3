/**
 * The way out of an isolate: one synchronous function, whose arguments are copied. It never throws (an error of the
 * host would carry paths of the host), and answers 'refused' to a request beyond what may be open at once.
 */
export type Host = (
  kind: 'settled' | 'failed' | 'request' | 'log',
  /** Code of a failure, capability of a request, level of a message. */
  word: string,
  text: string,
  /** Id of a request, fields of a message. */
  detail?: string,
) => 'refused' | undefined;

/** The way in. */
export interface Bootstrapped {
  /** @returns what is wrong with the plugin, or ''. */
  readonly register: (exported: unknown) => string;
  /** Starts a hook; it ends with exactly one `settled` or `failed`. */
  readonly call: (name: string, text: string) => void;
  /** Answers a request: a code and message, or '' and the value as JSON ('' for undefined). */
  readonly respond: (id: number, code: string, text: string) => void;
}

export type Capability = 'store.get' | 'store.set' | 'store.delete' | 'store.list';
