import type { PluginResults } from '../../ports.ts';
import type { Worker } from './worker-job.ts';

/** What Redis says: the workers at the executors that are there, and what the plugin did. */
export type Sightings =
  | { readonly ok: true; readonly workers: readonly Worker[]; readonly results: PluginResults }
  | { readonly ok: false; readonly error: unknown; readonly message: string };
