import type { ErrorCode, ProtocolError } from '@autoweave/crds';

/** An error for the executor, with a code of docs/errors.md. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const maxMessageLength = 4096;

export function protocolError(error: unknown): ProtocolError {
  const code = error instanceof RunnerError ? error.code : 'AW_PLUGIN_ENDED';
  const message = error instanceof Error ? error.message : String(error);
  return { code, message: message.slice(0, maxMessageLength) };
}
