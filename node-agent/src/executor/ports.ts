import type { HookArgument, HookName, PluginBundle, PluginKey, PluginRevision } from '@autoweave/crds';

/** A plugin in the revision that a job asks for. */
export interface RunnablePlugin {
  readonly key: PluginKey;
  readonly revision: PluginRevision;
}

export interface HookCall {
  readonly plugin: RunnablePlugin;
  readonly hook: HookName;
  readonly argument: HookArgument;
}

/**
 * Runs plugins apart from this process. Every failure is an AutoWeaveError with the code for the result of the job.
 * Calls for one plugin come one after the other; calls for different plugins come at any time.
 */
export interface PluginRuntime {
  /** Makes the revision the loaded one and runs its onStart. Without effect when it is loaded already. */
  load(plugin: RunnablePlugin): Promise<void>;
  /** Runs a hook, after loading the revision when needed. @returns what the hook returned. */
  call(call: HookCall): Promise<unknown>;
  /** Runs onStop. Without effect when the plugin is not loaded. */
  unload(plugin: RunnablePlugin): Promise<void>;
  /** Ends everything; calls that run fail. Idempotent. */
  stop(): Promise<void>;
}

export interface BundleSource {
  /**
   * @throws AutoWeaveError AW_BUNDLE_MISSING when it is not there, AW_DIGEST_MISMATCH when it, or a file in it, is
   * not what its digest says
   */
  fetch(digest: string): Promise<PluginBundle>;
}

export interface DeviceInventory {
  /** Whether this node holds the UsbDevice now. @throws when nobody can tell */
  holds(deviceName: string): Promise<boolean>;
}

/** The store of the SDK. Keys and values were checked. */
export interface PluginStore {
  /** JSON, or undefined. */
  get(plugin: PluginKey, key: string): Promise<string | undefined>;
  /** @returns false when the plugin has `maxKeys` other keys. */
  set(plugin: PluginKey, entry: StoreEntry, maxKeys: number): Promise<boolean>;
  /** @returns whether it was there. */
  delete(plugin: PluginKey, key: string): Promise<boolean>;
  keys(plugin: PluginKey): Promise<readonly string[]>;
}

export interface StoreEntry {
  readonly key: string;
  /** JSON. */
  readonly value: string;
}

/** Starts a runner for a namespace as a process of ours; it dials `socketPath` and says `token`. */
export interface RunnerLauncher {
  launch(launch: RunnerLaunch): RunnerProcess;
}

export interface RunnerLaunch {
  readonly namespace: string;
  readonly socketPath: string;
  readonly token: string;
}

export interface RunnerProcess {
  /** Resolves when it has ended, to how, e.g. `exit code 1` or `signal SIGKILL`. */
  readonly ended: Promise<string>;
  kill(): void;
}

/** Whom a runner proved to serve. */
export interface RunnerIdentity {
  readonly namespace: string;
  /** Its pod is of this plugin and serves no other. Undefined: it serves every plugin of the namespace. */
  readonly plugin?: string;
  /** `metadata.uid` of its pod, when it has one. */
  readonly podUid?: string;
}

/** What a runner says of itself. */
export interface RunnerClaim {
  readonly namespace: string;
  readonly token: string;
}

/** Decides who a runner is. */
export interface RunnerAuthenticator {
  /** @throws AutoWeaveError AW_RUNNER_REFUSED, or AW_KUBE_UNREACHABLE and others when nobody can tell now */
  identify(claim: RunnerClaim): Promise<RunnerIdentity>;
}
