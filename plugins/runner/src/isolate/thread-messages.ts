import type { PluginBundle, ProtocolError } from '@autoweave/crds';
import type { SandboxLog } from '../plugin-sandbox.ts';

/**
 * From the main thread to the thread of an isolate. `load` and `call` are each answered by one `settled` or `ended`;
 * after `ended` and after `dispose` comes `free`, and then another plugin may be loaded.
 */
export type ToIsolate =
  | {
      readonly type: 'load';
      readonly bundle: PluginBundle;
      readonly memoryMegabytes: number;
      readonly timeoutMilliseconds: number;
      /** One number, 1 while code of the plugin runs: readable also when the thread answers no more. */
      readonly running: Int32Array;
    }
  | {
      readonly type: 'call';
      readonly hook: string;
      readonly argument: string;
      readonly timeoutMilliseconds: number;
    }
  | { readonly type: 'response'; readonly id: number; readonly value?: unknown; readonly error?: ProtocolError }
  | { readonly type: 'dispose' };

export type FromIsolate =
  | { readonly type: 'settled'; readonly value?: string; readonly error?: ProtocolError }
  | { readonly type: 'request'; readonly id: number; readonly capability: string; readonly values: string }
  | ({ readonly type: 'log' } & SandboxLog)
  | { readonly type: 'ended'; readonly error: ProtocolError }
  | { readonly type: 'free' };
