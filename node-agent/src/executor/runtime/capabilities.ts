import type { Capability, PluginKey, PluginPermissions } from '@autoweave/crds';
import { AutoWeaveError, errorCode } from '@autoweave/platform/errors';
import type { Counter, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { PluginStore } from '../ports.ts';

const maxKeyLength = 256;
const maxValueBytes = 16 * 1024;
/** As many keys as fit into one message for certain. */
const maxListedKeys = 1000;

export interface CapabilityCall {
  readonly plugin: PluginKey;
  /** Of the loaded revision; undefined: none. */
  readonly permissions: PluginPermissions | undefined;
  readonly capability: Capability;
  readonly values: readonly unknown[];
}

/** The trusted side of what plugins may do. Every call is checked here, against the manifest, and counted. */
export class Capabilities {
  readonly #store: PluginStore;
  readonly #calls: Counter<'capability' | 'outcome'>;

  constructor(store: PluginStore, metrics: MetricsRegistry) {
    this.#store = store;
    this.#calls = metrics.counter({
      name: 'autoweave_executor_capability_calls_total',
      help: 'Calls of plugins to what the SDK offers.',
      labels: {
        capability: ['store.get', 'store.set', 'store.delete', 'store.list'],
        outcome: ['served', 'denied', 'failed'],
      },
    });
  }

  /** @throws AutoWeaveError AW_PERMISSION_DENIED, AW_STORE_FULL */
  async serve(call: CapabilityCall): Promise<unknown> {
    const { capability } = call;
    try {
      const value = await this.#serve(call);
      this.#calls.increment({ capability, outcome: 'served' });
      return value;
    } catch (error) {
      this.#calls.increment({ capability, outcome: errorCode(error) === undefined ? 'failed' : 'denied' });
      throw error;
    }
  }

  #serve({ plugin, permissions, capability, values }: CapabilityCall): Promise<unknown> {
    const storage = permissions?.storage;
    if (storage === undefined) {
      throw new AutoWeaveError('AW_PERMISSION_DENIED', `${capability} needs permissions.storage in the manifest`);
    }
    const [first, second] = values;
    if (capability === 'store.list') return this.#list(plugin, typeof first === 'string' ? first : '');
    const key = checkedKey(first);
    if (capability === 'store.get') return this.#get(plugin, key);
    if (capability === 'store.delete') return this.#store.delete(plugin, key);
    return this.#set(plugin, { key, value: second }, storage.maxKeys);
  }

  async #get(plugin: PluginKey, key: string): Promise<unknown> {
    const json = await this.#store.get(plugin, key);
    return json === undefined ? undefined : (JSON.parse(json) as unknown);
  }

  async #set(plugin: PluginKey, entry: { key: string; value: unknown }, maxKeys: number): Promise<void> {
    const value = JSON.stringify(entry.value ?? null);
    if (Buffer.byteLength(value) > maxValueBytes) {
      throw new AutoWeaveError('AW_STORE_FULL', `the value of ${entry.key} is over ${maxValueBytes} bytes`);
    }
    if (await this.#store.set(plugin, { key: entry.key, value }, maxKeys)) return;
    throw new AutoWeaveError('AW_STORE_FULL', `the store holds ${maxKeys} keys already`);
  }

  async #list(plugin: PluginKey, prefix: string): Promise<readonly string[]> {
    const keys = await this.#store.keys(plugin);
    const found = keys.filter((key) => key.startsWith(prefix)).toSorted();
    if (found.length <= maxListedKeys) return found;
    throw new AutoWeaveError('AW_STORE_FULL', `${found.length} keys are too many to list; list them by prefix`);
  }
}

function checkedKey(key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= maxKeyLength && key.isWellFormed()) return key;
  throw new AutoWeaveError('AW_STORE_FULL', `a key is a text of 1 to ${maxKeyLength} characters`);
}
