/**
 * What goes over one connection to the daemon in a guest: the host sends a request, and later perhaps signals; the
 * daemon sends output as it comes and, last, the exit. One JSON object a line. When the connection ends, the daemon
 * kills the command.
 */
export interface CommandRequest {
  readonly token: string;
  readonly command: string;
  readonly parameters: readonly string[];
  /** Added to the environment of the daemon. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Written to standard input, which then ends. */
  readonly input: string;
}

export interface SignalRequest {
  readonly signal: NodeJS.Signals;
}

export type Reply = OutputReply | ExitReply;

export interface OutputReply {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface ExitReply {
  /** As a shell tells it: 128 and the number of the signal that ended the command, 127 when it could not be run. */
  readonly exit: number;
}

/** The port in the guest. */
export const daemonPort = 7000;
