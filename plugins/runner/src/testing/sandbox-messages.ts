import type { Capability, PluginBundle, ProtocolError } from '@autoweave/crds';
import type { RequestAnswer, SandboxCall, SandboxLog } from '../plugin-sandbox.ts';

/** Between a test and sandbox-process.ts. `sandbox` numbers the sandboxes, `id` what is to be answered. */
export type ToSandboxes =
  | {
      readonly type: 'create';
      readonly sandbox: number;
      readonly memoryMegabytes: number;
      readonly timeoutMilliseconds: number;
    }
  | { readonly type: 'load'; readonly sandbox: number; readonly id: number; readonly bundle: PluginBundle }
  | { readonly type: 'call'; readonly sandbox: number; readonly id: number; readonly call: SandboxCall }
  | { readonly type: 'stop'; readonly sandbox: number; readonly id: number }
  | { readonly type: 'response'; readonly id: number; readonly answer: RequestAnswer };

export type FromSandboxes =
  | { readonly type: 'answer'; readonly id: number; readonly value?: string; readonly error?: ProtocolError }
  | {
      readonly type: 'request';
      readonly sandbox: number;
      readonly id: number;
      readonly capability: Capability;
      readonly values: string;
    }
  | { readonly type: 'log'; readonly sandbox: number; readonly entry: SandboxLog }
  | { readonly type: 'ended'; readonly sandbox: number; readonly error: ProtocolError }
  | { readonly type: 'stuck'; readonly sandbox: number };
