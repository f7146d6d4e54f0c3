import { AutoWeaveError, errorCode, errorMessage } from '@autoweave/platform/errors';
import { KubeConnectionError, KubeError } from '@autoweave/platform/kube';
import { CommanderError } from 'commander';
import { BrokenPipeError, type Output } from '../terminal/output.ts';

/** The process was told to end. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`received ${signal}`);
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

export const exitCodes = {
  failed: 1,
  /** A wrong command line. */
  misused: 2,
  /** As if SIGPIPE had ended the process, which is what shells expect. */
  brokenPipe: 141,
} as const;

/** Says on standard error what is wrong and what to do. @returns the exit code of the process. */
export function reportError(error: unknown, output: Output): number {
  if (error instanceof BrokenPipeError) return exitCodes.brokenPipe;
  if (error instanceof InterruptedError) return error.exitCode;
  const known = asKnownError(error);
  output.note(`Error: ${known === undefined ? errorMessage(error) : `${known.code}: ${known.message}`}`);
  if (known !== undefined) output.note(`Remedy: ${known.remedy}`);
  return known?.code === 'AW_CONFIG_INVALID' ? exitCodes.misused : exitCodes.failed;
}

function asKnownError(error: unknown): AutoWeaveError | undefined {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
    return new AutoWeaveError('AW_CONFIG_INVALID', message, { cause: error });
  }
  if (error instanceof KubeError && error.status === 404 && error.reason === 'Http404') {
    return new AutoWeaveError('AW_CRD_MISSING', 'the API server does not serve the kinds of autoweave.dev', {
      cause: error,
    });
  }
  return error instanceof AutoWeaveError && errorCode(error) !== undefined ? error : undefined;
}

/** Names the server, which the text of a failed connection may not do. */
export function withServer(error: unknown, access: { readonly server: URL; readonly origin: string }): unknown {
  if (!(error instanceof KubeConnectionError)) return error;
  const { server, origin } = access;
  const message = `server ${server.href} of ${origin}: ${error.message}`;
  return new AutoWeaveError('AW_KUBE_UNREACHABLE', message, { field: 'server', value: server.href, cause: error });
}
