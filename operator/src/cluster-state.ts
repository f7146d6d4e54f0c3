import { resources, type AutoWeavePlugin, type AutoWeavePolicy, type UsbDevice, type UsbNode } from '@autoweave/crds';
import type { ReadinessCheck } from '@autoweave/platform/http';
import { Informer, type KubeClient } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';

export interface ClusterStateOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** What the API server holds of our kinds, followed by every replica, so that a new leader can begin at once. */
export class ClusterState {
  readonly plugins: Informer<AutoWeavePlugin>;
  readonly policies: Informer<AutoWeavePolicy>;
  readonly devices: Informer<UsbDevice>;
  readonly nodes: Informer<UsbNode>;

  constructor(options: ClusterStateOptions) {
    this.plugins = new Informer({ ...options, resource: resources.autoWeavePlugin });
    this.policies = new Informer({ ...options, resource: resources.autoWeavePolicy });
    this.devices = new Informer({ ...options, resource: resources.usbDevice });
    this.nodes = new Informer({ ...options, resource: resources.usbNode });
  }

  start(): void {
    for (const informer of this.#informers()) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.stop()));
  }

  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.whenSynced(signal)));
  }

  readiness(): readonly ReadinessCheck[] {
    return Object.entries(this.#byName()).map(([name, informer]) => ({
      name: `informer-${name}`,
      check: () => (informer.hasSynced ? undefined : 'the API server has not answered the first list yet'),
    }));
  }

  /** Nodes that hold the device now. */
  holders(deviceName: string): readonly string[] {
    const attachments = this.devices.get(deviceName)?.status?.attachments ?? [];
    return attachments.filter(({ present }) => present).map(({ nodeName }) => nodeName);
  }

  device(nameOrAlias: string): UsbDevice | undefined {
    return this.devices.get(nameOrAlias) ?? this.devices.list().find(({ spec }) => spec?.alias === nameOrAlias);
  }

  #byName() {
    return { plugins: this.plugins, policies: this.policies, devices: this.devices, nodes: this.nodes };
  }

  #informers() {
    return Object.values(this.#byName());
  }
}
