import type { Capability, HookName, PluginBundle, ProtocolError } from '@autoweave/crds';

/** What encloses the code of one plugin. Another engine than isolated-vm has to pass sandbox.conformance.ts. */
export interface PluginSandbox {
  /**
   * Evaluates the bundle and runs onStart. Once.
   * @throws RunnerError with the code of what went wrong; the sandbox has then ended.
   */
  load(bundle: PluginBundle): Promise<void>;
  /**
   * Runs a hook. One at a time.
   * @returns what it answered, as JSON; undefined when it answered nothing.
   * @throws RunnerError
   */
  call(call: SandboxCall): Promise<string | undefined>;
  /** Whether code of the plugin runs at this moment. */
  readonly busy: boolean;
  /** Runs onStop and ends. What still runs fails with AW_PLUGIN_ENDED. Idempotent. */
  stop(): Promise<void>;
}

export interface SandboxCall {
  readonly hook: HookName;
  /** Subject of the hook (event or job) and the part of the context that is data, as JSON: `{subject, context}`. */
  readonly argument: string;
  readonly timeoutMilliseconds: number;
}

/** What a plugin does that concerns others. */
export interface SandboxListener {
  /** Resolves to the answer of the executor. `values` is a JSON array. */
  request(capability: Capability, values: string): Promise<RequestAnswer>;
  log(entry: SandboxLog): void;
  /** The sandbox is gone without having been stopped. Told once, before the call that ran fails. */
  ended(error: ProtocolError): void;
  /** The thread of the sandbox cannot be ended: only the end of the process helps. */
  stuck(): void;
}

export interface RequestAnswer {
  readonly value?: unknown;
  readonly error?: ProtocolError;
}

export interface SandboxLog {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface SandboxOptions {
  readonly memoryMegabytes: number;
  /** Of loading together with onStart, and of onStop. */
  readonly timeoutMilliseconds: number;
  readonly listener: SandboxListener;
}

export type StartSandbox = (options: SandboxOptions) => PluginSandbox;
