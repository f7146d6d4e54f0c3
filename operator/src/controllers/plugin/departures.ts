import type { AutoWeavePlugin } from '@autoweave/crds';
import { objectKey } from '@autoweave/platform/kube';

/**
 * Plugins that were deleted while this process looked on, and are still loaded. One that is deleted while no operator
 * runs stays loaded, unused, until its runner ends: too little harm for a finalizer, which would hold up namespaces.
 */
export class Departures {
  readonly #plugins = new Map<string, AutoWeavePlugin>();

  /** Of an informer. */
  changed(key: string, plugin: AutoWeavePlugin | undefined, previous: AutoWeavePlugin | undefined): void {
    if (plugin !== undefined) this.#plugins.delete(key);
    else if (previous !== undefined) this.#plugins.set(key, previous);
  }

  get(key: string): AutoWeavePlugin | undefined {
    return this.#plugins.get(key);
  }

  /** Its executors were asked to unload it. */
  settle(plugin: AutoWeavePlugin): void {
    const key = objectKey(plugin);
    if (this.#plugins.get(key) === plugin) this.#plugins.delete(key);
  }
}
