import { semanticEqual } from '@autoweave/platform/kube';
import type { PluginFault } from '../plugin-fault.ts';

type Listener = (key: string) => void;

/** Why workloads cannot be made, or make no pods: by `namespace/name` of the plugin, or by the namespace of a runner. */
export class WorkloadFaults {
  readonly #faults = new Map<string, PluginFault>();
  readonly #listeners: Listener[] = [];

  get(key: string): PluginFault | undefined {
    return this.#faults.get(key);
  }

  set(key: string, fault: PluginFault | undefined): void {
    if (semanticEqual(this.#faults.get(key), fault)) return;
    if (fault === undefined) this.#faults.delete(key);
    else this.#faults.set(key, fault);
    for (const listener of this.#listeners) listener(key);
  }

  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }
}
