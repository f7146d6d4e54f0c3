import { errorCodes, type ErrorCode } from '@autoweave/crds';

export interface AutoWeaveErrorOptions {
  readonly cause?: unknown;
  /** Path of the setting or field that is wrong, e.g. `--usb-source` or `files.index.js`. */
  readonly field?: string;
  /** The wrong value as the user may see it; never a secret. */
  readonly value?: unknown;
}

/**
 * An error that a user can meet and look up: `code` is a heading of docs/errors.md.
 * The message says what happened to what; what to do about it comes from the table, as `remedy`.
 */
export class AutoWeaveError extends Error {
  override readonly name: string = 'AutoWeaveError';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly value: unknown;

  constructor(code: ErrorCode, message: string, options: AutoWeaveErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.field = options.field;
    this.value = options.value;
  }

  /** One sentence: what the reader should do next. */
  get remedy(): string {
    return errorCodes[this.code];
  }

  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      remedy: this.remedy,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.value === undefined ? {} : { value: this.value }),
    };
  }
}
