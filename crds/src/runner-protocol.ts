import type { HotplugEvent } from './hotplug-event.ts';
import type { PluginBundle, PluginKey } from './job.ts';

/**
 * What an executor and a runner say to each other: one JSON object a line over a stream socket, at most
 * `runnerProtocol.maxMessageBytes` each, checked against crds/schemas/runner-protocol.schema.json on both sides.
 * The runner dials, says `hello` with its proof, and hears `welcome`. One runner serves one namespace, or one plugin.
 * docs/runner-protocol.md explains it to those who write a plugin in another language.
 */
export const runnerProtocol = {
  version: 1,
  maxMessageBytes: 1024 * 1024,
  /** Of the first line, from somebody unknown. */
  maxHelloBytes: 20 * 1024,
  helloSeconds: 5,
  heartbeatSeconds: 2,
  silenceSeconds: 10,
} as const;

export type ExecutorMessage =
  | { readonly type: 'welcome'; readonly version: 1 }
  /** Instead of `welcome`; then the connection ends. The runner may dial again later. */
  | { readonly type: 'refused'; readonly error: ProtocolError }
  /** Answered by `result`. Loading what is already loaded (uid, digest, limits) is a success without effect. */
  | {
      readonly type: 'load';
      readonly id: string;
      readonly plugin: PluginKey;
      /** `metadata.uid` of the AutoWeavePlugin. */
      readonly uid: string;
      readonly digest: string;
      /** Without an entry and without code when the plugin is an image of its own. */
      readonly bundle: PluginBundle;
      readonly memoryMegabytes: number;
      readonly timeoutSeconds: number;
    }
  /** Answered by `result`; runs onStop. */
  | { readonly type: 'unload'; readonly id: string; readonly plugin: PluginKey }
  /** Answered by `result`. */
  | {
      readonly type: 'call';
      readonly id: string;
      readonly plugin: PluginKey;
      readonly hook: HookName;
      readonly argument: HookArgument;
      readonly timeoutSeconds: number;
    }
  /** Answer to `request`. */
  | { readonly type: 'response'; readonly id: string; readonly value?: unknown; readonly error?: ProtocolError }
  | { readonly type: 'ping' }
  /** Unload everything, then exit. */
  | { readonly type: 'shutdown' };

export type RunnerMessage =
  /** To an executor: with namespace and token. To the runner in its own pod a plugin says neither. */
  | { readonly type: 'hello'; readonly version: 1; readonly namespace?: string; readonly token?: string }
  | { readonly type: 'result'; readonly id: string; readonly value?: unknown; readonly error?: ProtocolError }
  /** A capability of the SDK, checked and counted by the executor. */
  | {
      readonly type: 'request';
      readonly id: string;
      readonly plugin: PluginKey;
      readonly capability: Capability;
      readonly arguments: readonly unknown[];
    }
  | {
      readonly type: 'log';
      readonly plugin: PluginKey;
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  /** The plugin is gone without having been asked to (memory, deadline, crash of its isolate). */
  | { readonly type: 'ended'; readonly plugin: PluginKey; readonly error: ProtocolError }
  /** Takes no more calls. What runs is answered, then the connection ends. */
  | { readonly type: 'leaving' }
  | { readonly type: 'pong' };

export type HookName = 'onAttach' | 'onDetach' | 'onJob';
export type Capability = 'store.get' | 'store.set' | 'store.delete' | 'store.list';

export interface HookArgument {
  readonly jobId: string;
  readonly event?: HotplugEvent;
  /** The UsbDevice that a job is for. */
  readonly deviceName?: string;
  readonly payload?: unknown;
}

/** `code` is an `AW_…` of docs/errors.md. */
export interface ProtocolError {
  readonly code: string;
  readonly message: string;
}
