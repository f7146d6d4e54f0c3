import type { DeviceInfo } from './device.ts';
import type { Json } from './json.ts';

/** What a plugin may use. There is nothing else: no Node API, no timers, no network, no files. */
export interface Context {
  readonly log: Log;
  /** Needs `permissions.storage` in autoweave.plugin.json. */
  readonly store: Store;
  /** Milliseconds since 1970 when the hook is ended with AW_PLUGIN_TIMEOUT unless it has answered. */
  readonly deadline: number;
}

export interface DeviceContext extends Context {
  /** Stays the same when a crash makes the hook run again for the same event: use it to do a thing once. */
  readonly jobId: string;
  readonly device: DeviceInfo;
}

export interface JobContext extends Context {
  /** Name of the UsbDevice that the job is for; undefined for a job without a device. */
  readonly deviceName?: string;
}

/**
 * Goes to the log of the node's executor, with the name of the plugin. `console.log` and its siblings do the same.
 * A message is cut at 4,096 characters, its fields at 4,096 characters of JSON; beyond 50 messages a second (200 in
 * a burst) messages are dropped and counted.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Key-value store of the plugin: shared by all nodes, kept when the plugin restarts. Keys: 1 to 256 characters;
 * values: at most 16 KiB of JSON; at most `permissions.storage.maxKeys` keys. Every method rejects with a StoreError.
 */
export interface Store {
  get<T extends Json = Json>(key: string): Promise<T | undefined>;
  set(key: string, value: Json): Promise<void>;
  /** @returns whether the key was there. */
  delete(key: string): Promise<boolean>;
  /** Keys that start with `prefix` (default: all), sorted. */
  list(prefix?: string): Promise<readonly string[]>;
}

/** A hook that lets it through fails with the same code. */
export interface StoreError extends Error {
  /** `AW_PERMISSION_DENIED`, `AW_STORE_FULL`, or another code of docs/errors.md. */
  readonly code: string;
}
