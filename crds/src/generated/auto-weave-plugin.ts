// Generated from crds/manifests by `npm run generate`; do not edit.

import type { Condition, ObjectMeta } from '../kube-types.ts';

/**
 * Where the plugin is in its life, derived from the conditions; programs read those.
 */
export type AutoWeavePluginPhase =
  | 'Discovery'
  | 'Validation'
  | 'Loading'
  | 'Starting'
  | 'Running'
  | 'Stopping'
  | 'Stopped'
  | 'Blocking'
  | 'Blocked'
  | 'Rejected'
  | 'Failed';

/**
 * Code that runs by itself where a device is plugged in. The operator checks it, loads it at the nodes and hands it the events of the devices that it asks for.
 */
export interface AutoWeavePlugin {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: AutoWeavePluginSpec;
  readonly status?: AutoWeavePluginStatus;
}

/**
 * What to run, for which devices, and within which limits.
 */
export interface AutoWeavePluginSpec {
  readonly source: AutoWeavePluginSource;
  /**
   * `Thread`: an isolate in the runner of its namespace and node. `Pod`: pods of its own; they need a cluster that was installed with the chart.
   */
  readonly runtime?: 'Thread' | 'Pod';
  /**
   * How strictly the plugin is held. Sets the default of resources.memoryMegabytes: 256 at `Low`, 128 at `Medium`, 64 at `High`.
   */
  readonly securityLevel?: 'Low' | 'Medium' | 'High';
  /**
   * Which events run the plugin; one that matches is enough. The manifest must also ask for the devices in permissions.usb.
   */
  readonly triggers?: readonly AutoWeavePluginTrigger[];
  readonly placement?: AutoWeavePluginPlacement;
  readonly pod?: AutoWeavePluginPod;
  readonly schedule?: AutoWeavePluginSchedule;
  readonly resources?: AutoWeavePluginResources;
  /**
   * Unload the plugin everywhere and give it no more jobs, until this is false again.
   */
  readonly suspend?: boolean;
}

/**
 * Where the files are, one way or the other. One of them is `autoweave.plugin.json`, the manifest, which names the entry module and lists the SHA-256 of every other file.
 */
export interface AutoWeavePluginSource {
  /**
   * Path to text, at most 512 KiB together.
   */
  readonly files?: {
    readonly [k: string]: string;
  };
  readonly configMapRef?: AutoWeavePluginConfigMapRef;
  /**
   * `sha256:<64 hex digits>` of the whole bundle, as status.bundle.digest shows it. When given, nothing else is ever loaded.
   */
  readonly digest?: string;
}

/**
 * A ConfigMap in the namespace of the plugin whose keys are the paths. A change of it is noticed within a minute.
 */
export interface AutoWeavePluginConfigMapRef {
  /**
   * Name of the ConfigMap.
   */
  readonly name: string;
}

export interface AutoWeavePluginTrigger {
  /**
   * `attach` calls onAttach, `detach` calls onDetach.
   */
  readonly actions: readonly ('attach' | 'detach')[];
  readonly match?: AutoWeavePluginMatch;
}

/**
 * Which devices. A device matches when every given list has an entry for it; absent, every device matches.
 */
export interface AutoWeavePluginMatch {
  /**
   * Four lowercase hex digits each, e.g. `046d`.
   */
  readonly vendorIds?: readonly string[];
  /**
   * Four lowercase hex digits each, e.g. `c31c`.
   */
  readonly productIds?: readonly string[];
  /**
   * Two lowercase hex digits each, e.g. `03` for input devices. Device class and interface classes count.
   */
  readonly deviceClasses?: readonly string[];
  /**
   * As `kubectl get usbdevices` shows them.
   */
  readonly serialNumbers?: readonly string[];
  /**
   * Names of UsbDevices.
   */
  readonly deviceNames?: readonly string[];
}

/**
 * Where the plugin runs. It counts where runners are pods, as in a cluster that was installed with the chart; elsewhere a plugin runs at every node that has an executor.
 */
export interface AutoWeavePluginPlacement {
  /**
   * `WithDevice`: on every node that holds a device which the triggers and the manifest name. `Any`: wherever there is room.
   */
  readonly nodes?: 'WithDevice' | 'Any';
  /**
   * So long after the last matching device has left a node the plugin goes from there. A reset, or a cable that is moved, should not end it.
   */
  readonly detachGraceSeconds?: number;
  readonly replicas?: AutoWeavePluginReplicas;
  /**
   * Run the image to its end, once for each revision of the plugin, instead of for ever. It waits until a node holds a matching device.
   */
  readonly once?: boolean;
}

/**
 * How many pods there are with `nodes: Any`, by the number of jobs that wait for the plugin.
 */
export interface AutoWeavePluginReplicas {
  /**
   * Kept even when nothing is to be done.
   */
  readonly minimum?: number;
  /**
   * Never exceeded.
   */
  readonly maximum?: number;
}

/**
 * The pod of a plugin of runtime `Pod`. Everything that is not here is fixed: it runs as user 65532 without privileges, with a read-only root and a small /tmp.
 */
export interface AutoWeavePluginPod {
  /**
   * An image that is the plugin, in any language, and speaks the runner protocol over the socket that AW_RUNNER_SOCKET names. Absent, the files of the source run in an isolate.
   */
  readonly image?: string;
  /**
   * Replaces the entry point of the image.
   */
  readonly command?: readonly string[];
  /**
   * Replaces the parameters of the image.
   */
  readonly args?: readonly string[];
  /**
   * Variables of the plugin. Secrets do not belong here.
   */
  readonly env?: readonly AutoWeavePluginVariable[];
  readonly resources?: AutoWeavePluginPodResources;
  /**
   * As in any pod.
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /**
   * Secrets in the namespace of the plugin that give access to the image.
   */
  readonly imagePullSecrets?: readonly AutoWeavePluginPullSecret[];
  /**
   * A RuntimeClass, e.g. of a sandbox with a kernel of its own.
   */
  readonly runtimeClassName?: string;
  /**
   * Labels that a node must have besides.
   */
  readonly nodeSelector?: {
    readonly [k: string]: string;
  };
  /**
   * Taints that do not keep it away, besides `hardware/usb`.
   */
  readonly tolerations?: readonly AutoWeavePluginToleration[];
}

export interface AutoWeavePluginVariable {
  /**
   * Its name; those that begin with AW_ are ours.
   */
  readonly name: string;
  /**
   * Its value, as it is.
   */
  readonly value: string;
}

/**
 * Requests and limits of the plugin's container, as in any pod. What is not given follows from spec.resources.memoryMegabytes.
 */
export interface AutoWeavePluginPodResources {
  /**
   * Reserved on the node, by resource.
   */
  readonly requests?: {
    readonly [k: string]: number | string;
  };
  /**
   * Never exceeded, by resource.
   */
  readonly limits?: {
    readonly [k: string]: number | string;
  };
}

export interface AutoWeavePluginPullSecret {
  /**
   * Name of the Secret.
   */
  readonly name: string;
}

export interface AutoWeavePluginToleration {
  /**
   * Key of the taint; absent, any.
   */
  readonly key?: string;
  /**
   * `Equal` compares the value.
   */
  readonly operator?: 'Exists' | 'Equal';
  /**
   * Value of the taint.
   */
  readonly value?: string;
  /**
   * Effect of the taint; absent, any.
   */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /**
   * How long `NoExecute` is borne; absent, for ever.
   */
  readonly tolerationSeconds?: number;
}

/**
 * When the plugin runs without an event. Nothing acts on it yet.
 */
export interface AutoWeavePluginSchedule {
  /**
   * Minute, hour, day of month, month and day of week, e.g. `0 * * * *`.
   */
  readonly cron: string;
  /**
   * Name in the time zone database, e.g. `Europe/Berlin`; absent, UTC.
   */
  readonly timeZone?: string;
}

/**
 * Limits. The AutoWeavePolicy `default` may lower them.
 */
export interface AutoWeavePluginResources {
  /**
   * A plugin that uses more is ended. Default by securityLevel.
   */
  readonly memoryMegabytes?: number;
  /**
   * A hook that takes longer is ended.
   */
  readonly timeoutSeconds?: number;
}

/**
 * What was observed. Only the operator writes it.
 */
export interface AutoWeavePluginStatus {
  readonly phase?: AutoWeavePluginPhase;
  /**
   * metadata.generation that this status is about.
   */
  readonly observedGeneration?: number;
  readonly bundle?: AutoWeavePluginBundle;
  readonly limits?: AutoWeavePluginLimits;
  readonly permissions?: AutoWeavePluginPermissions;
  /**
   * How loading went, one entry a node; of more than 256 nodes the first by name are followed.
   */
  readonly workers?: readonly AutoWeavePluginWorker[];
  readonly results?: AutoWeavePluginResults;
  /**
   * `Ready`: runs wherever it belongs. `Reconciling`: on its way. `Stalled`: needs a change by people. `Validated`: manifest and digests are right. `Permitted`: the policy lets it run. `Placed`: its pods run where they belong. `Loaded`: every executor has it.
   */
  readonly conditions?: readonly Condition[];
}

/**
 * What was found in the source, once it was checked.
 */
export interface AutoWeavePluginBundle {
  /**
   * Name in the manifest.
   */
  readonly name: string;
  /**
   * Version in the manifest.
   */
  readonly version: string;
  /**
   * SHA-256 of manifest and files together; a value for spec.source.digest.
   */
  readonly digest: string;
}

/**
 * Limits that hold, from spec.resources, securityLevel and the AutoWeavePolicy `default`.
 */
export interface AutoWeavePluginLimits {
  /**
   * A plugin that uses more is ended.
   */
  readonly memoryMegabytes: number;
  /**
   * A hook that takes longer is ended.
   */
  readonly timeoutSeconds: number;
}

/**
 * What the plugin may do, from its manifest. Absent while it is not permitted to run.
 */
export interface AutoWeavePluginPermissions {
  /**
   * Devices whose events it may receive.
   */
  readonly usb?: readonly AutoWeavePluginUsbPermission[];
  readonly storage?: AutoWeavePluginStorage;
}

export interface AutoWeavePluginUsbPermission {
  /**
   * `monitor`: receive events.
   */
  readonly operation: 'monitor';
  /**
   * Only devices of these vendors; absent, all.
   */
  readonly vendorIds?: readonly string[];
  /**
   * Only devices of these classes; absent, all.
   */
  readonly deviceClasses?: readonly string[];
}

/**
 * A key-value store of its own.
 */
export interface AutoWeavePluginStorage {
  /**
   * Number of keys that it may hold.
   */
  readonly maxKeys: number;
}

export interface AutoWeavePluginWorker {
  /**
   * Name of the node.
   */
  readonly node: string;
  /**
   * `Loaded`: the plugin can be called there. `Unloaded`: it was loaded before.
   */
  readonly state: 'Loading' | 'Loaded' | 'Failed' | 'Unloading' | 'Unloaded';
  /**
   * Stands for the executor's process and the pods there; another one is loaded again.
   */
  readonly instance?: string;
  /**
   * Stands for bundle and limits; another one is loaded again.
   */
  readonly revision?: string;
  /**
   * Counts how often this executor was asked to load the plugin.
   */
  readonly attempt?: number;
  /**
   * When the state changed last.
   */
  readonly since?: string;
  /**
   * Code of the failure, `AW_…`; docs/errors.md has each.
   */
  readonly code?: string;
  /**
   * What failed.
   */
  readonly message?: string;
}

/**
 * What the plugin did.
 */
export interface AutoWeavePluginResults {
  /**
   * Number of jobs that ended well.
   */
  readonly succeeded?: number;
  /**
   * Number of jobs that failed.
   */
  readonly failed?: number;
  /**
   * The latest results, newest first.
   */
  readonly last?: readonly AutoWeavePluginResult[];
}

export interface AutoWeavePluginResult {
  /**
   * Id of the job.
   */
  readonly jobId: string;
  /**
   * What it was, e.g. `usb.attach`.
   */
  readonly type: string;
  /**
   * Name of the UsbDevice, when there is one.
   */
  readonly device?: string;
  /**
   * Where it ran.
   */
  readonly node: string;
  /**
   * How it ended.
   */
  readonly state: 'Succeeded' | 'Failed';
  /**
   * Code of the failure, `AW_…`; docs/errors.md has each.
   */
  readonly code?: string;
  /**
   * What failed.
   */
  readonly message?: string;
  /**
   * What the hook returned, as JSON, cut off after 4 KiB. The job holds all of it.
   */
  readonly value?: string;
  /**
   * When it ended.
   */
  readonly finishedAt: string;
}
