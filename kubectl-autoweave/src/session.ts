import type { KubeClient } from '@autoweave/platform/kube';
import type { Output } from './terminal/output.ts';

export type Format = 'table' | 'json' | 'yaml';

/** What a command gets to do its work. */
export interface Session {
  readonly client: KubeClient;
  readonly output: Output;
  readonly format: Format;
  /** Whether tables begin with the names of their columns. */
  readonly headers: boolean;
  /** As given with --namespace. */
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
