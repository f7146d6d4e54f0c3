import type { UsbPlug } from '../guest/index.ts';
import { runKubectl } from '../testing/manifests.ts';
import type { ClusterLayout } from './layout.ts';
import type { ClusterNode } from './network.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { ManagedServer } from './servers/managed-server.ts';
import { UsbNodeMonitor } from './usb-node/usb-node-monitor.ts';
import { monitorPath } from './usb-node/usb-node-server.ts';

export interface ClusterParts {
  readonly layout: ClusterLayout;
  readonly sandbox: Sandbox;
  readonly servers: readonly ManagedServer[];
  readonly nodes: readonly ClusterNode[];
  /** Path of the program. */
  readonly kubectl: string;
  readonly stop: () => Promise<void>;
}

/** Real nodes on this machine, with a control plane, Services and DNS. */
export class Cluster {
  readonly #parts: ClusterParts;
  readonly #monitor: UsbNodeMonitor;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.#monitor = new UsbNodeMonitor(monitorPath(parts.sandbox));
  }

  /** Of an administrator. */
  get kubeconfigPath(): string {
    return this.#parts.layout.kubeconfig;
  }

  /** Their names in the API are the same. */
  get nodes(): readonly ClusterNode[] {
    return this.#parts.nodes;
  }

  /** Directory of the logs of the servers and of the console of the guest. */
  get logs(): string {
    return this.#parts.layout.logs;
  }

  /** Standard output of `kubectl` as administrator. @throws CommandError when it fails. */
  kubectl(...parameters: string[]): Promise<string> {
    const { kubectl, layout } = this.#parts;
    const access = { kubectl, kubeconfigPath: this.kubeconfigPath, directory: layout.directory };
    return runKubectl(access, parameters);
  }

  /**
   * E.g. `kube-apiserver`, or `containerd` of the node `host`: to be killed, started, restarted.
   * @throws Error when there is none of that name.
   */
  server(name: string): ManagedServer {
    const server = this.#parts.servers.find((each) => each.name === name);
    if (server === undefined) throw new Error(`The cluster has no server ${name}`);
    return server;
  }

  /** Of the node `host`. */
  restartKubelet(): Promise<void> {
    return this.server('kubelet').restart();
  }

  /** Of the node `host`. Its pods go on. */
  restartContainerd(): Promise<void> {
    return this.server('containerd').restart();
  }

  /** Plugs a device into the node `usb`; its id. @throws QmpError, e.g. when the port is taken. */
  plug(device: UsbPlug): Promise<string> {
    return this.#monitor.plug(device);
  }

  /** Pulls a device out of the node `usb`. */
  unplug(id: string): Promise<void> {
    return this.#monitor.unplug(id);
  }

  /** Presses the reset button of the node `usb`. What it wrote to its disk is kept, and what is plugged in. */
  resetUsbNode(): Promise<void> {
    return this.#monitor.reset();
  }

  /** Ends all processes and removes all files. May be called again. */
  stop(): Promise<void> {
    return this.#parts.stop();
  }
}
