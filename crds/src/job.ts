import type { HotplugEvent } from './hotplug-event.ts';

/** What a waiting room holds. A job has one id from its first room to its record. */
export interface WaitingJob {
  readonly id: string;
  readonly type: JobType;
  readonly plugin: PluginKey;
  /** `metadata.uid` of the plugin: another plugin of the same name gets none of its jobs. */
  readonly pluginUid: string;
  /** The UsbDevice it is for; undefined for a job without a device. */
  readonly deviceName?: string;
  /** Event jobs run on the event's node whatever has happened since; others follow their device. */
  readonly node?: string;
  /** Only exclusive jobs exclude one another on a device; event hooks are not exclusive. */
  readonly exclusive: boolean;
  /** The event, for `usb.attach` and `usb.detach`. */
  readonly event?: HotplugEvent;
  /** What the submitter sent, for `plugin.job`. At most 64 KiB as JSON. */
  readonly payload?: unknown;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970 after which it fails with AW_JOB_EXPIRED instead of being released. */
  readonly expiresAt: number;
  readonly traceparent: string;
}

export type JobType = 'usb.attach' | 'usb.detach' | 'plugin.job' | 'plugin.load' | 'plugin.unload';

export interface PluginKey {
  readonly namespace: string;
  readonly name: string;
}

/** What a lane holds: the waiting job and the plugin as it was when the router released it. */
export interface LaneJob extends WaitingJob {
  readonly revision: PluginRevision;
}

/** One loadable state of a plugin; another digest or other limits are another revision. */
export interface PluginRevision {
  readonly uid: string;
  /** `Pod`: it runs in the pods of its own, of which a node has at most a few; `Thread`: in the runner of its namespace and node. */
  readonly runtime: 'Thread' | 'Pod';
  /** `sha256:<64 hex>` of the canonical bundle JSON at `redisKeys.bundle(digest)`. */
  readonly bundleDigest: string;
  readonly memoryMegabytes: number;
  /** Deadline of one hook. */
  readonly timeoutSeconds: number;
}

/** What the executor records, once per job id, in `aw:results` and in the job's record. */
export interface JobResult {
  readonly jobId: string;
  readonly type: JobType;
  readonly plugin: PluginKey;
  readonly node: string;
  readonly deviceName?: string;
  readonly eventId?: string;
  readonly state: JobState;
  /** `AW_…` when failed. */
  readonly code?: string;
  readonly message?: string;
  /** What the hook returned, JSON, at most 16 KiB. */
  readonly value?: unknown;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly traceparent: string;
}

/** `HandedBack`: the executor no longer holds the device; the job is again the head of its room. */
export type JobState = 'Succeeded' | 'Failed' | 'HandedBack';

/** A resolved plugin source. Its canonical JSON (sorted keys, no spaces) is what the digest covers. */
export interface PluginBundle {
  readonly manifest: PluginManifest;
  /** Path to UTF-8 text. */
  readonly files: Readonly<Record<string, string>>;
}

/** `autoweave.plugin.json` (schema: crds/schemas/plugin-manifest.schema.json). */
export interface PluginManifest {
  readonly manifestVersion: 1;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  /** Path of the ES module that exports the plugin by default. Absent when an image of its own is the plugin. */
  readonly entry?: string;
  readonly type?: 'device-handler' | 'security-scanner' | 'monitoring-agent' | 'data-processor';
  /** Path to `sha256:<64 hex>`: every file but the manifest itself. */
  readonly files: Readonly<Record<string, string>>;
  readonly permissions?: PluginPermissions;
}

export interface PluginPermissions {
  /** Devices whose events the plugin may receive. Absent: none. An empty entry allows any device. */
  readonly usb?: readonly UsbPermission[];
  /** A key-value store of its own that outlives the plugin's process. Absent: none. */
  readonly storage?: { readonly maxKeys: number };
}

export interface UsbPermission {
  readonly operation: 'monitor';
  readonly vendorIds?: readonly string[];
  readonly deviceClasses?: readonly string[];
}
