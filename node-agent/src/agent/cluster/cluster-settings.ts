import { defaultPolicyName, resources, type AutoWeavePolicy, type UsbNode } from '@autoweave/crds';
import { Informer, type KubeClient } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { DeviceFilters } from '../inventory/device-filters.ts';

export interface ClusterSettingsOptions {
  readonly client: KubeClient;
  readonly nodeName: string;
  /** Hold as long as the cluster says nothing. */
  readonly filters: DeviceFilters;
  readonly onFilters: (filters: DeviceFilters) => void;
  /** Everything should be scanned and written again; the token tells one request from another. */
  readonly onResync: (token: string) => void;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/**
 * What the cluster tells this agent. It watches two objects by name, the UsbNode of its node and the AutoWeavePolicy
 * `default`: a watch by any other field would make every change of every object a cost of every agent.
 */
export class ClusterSettings {
  readonly #options: ClusterSettingsOptions;
  readonly #nodes: Informer<UsbNode>;
  readonly #policies: Informer<AutoWeavePolicy>;
  #filters: DeviceFilters;
  #resyncToken: string | undefined;

  constructor(options: ClusterSettingsOptions) {
    const { client, nodeName, logger, metrics, filters } = options;
    const named = (name: string) => ({ client, logger, metrics, fieldSelector: `metadata.name=${name}` });
    this.#options = options;
    this.#filters = filters;
    this.#nodes = new Informer<UsbNode>({ ...named(nodeName), resource: resources.usbNode });
    this.#policies = new Informer<AutoWeavePolicy>({
      ...named(defaultPolicyName),
      resource: resources.autoWeavePolicy,
    });
    this.#nodes.onChange((_key, node) => this.#nodeChanged(node));
    this.#policies.onChange(() => this.#filtersChanged());
  }

  get filters(): DeviceFilters {
    return this.#filters;
  }

  /** Milliseconds since 1970 when the API server last answered or told something; 0 before that. */
  get lastProgressAt(): number {
    return Math.max(this.#nodes.lastProgressAt, this.#policies.lastProgressAt);
  }

  start(): void {
    this.#nodes.start();
    this.#policies.start();
  }

  /** @throws the reason of the signal */
  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#nodes.whenSynced(signal), this.#policies.whenSynced(signal)]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#nodes.stop(), this.#policies.stop()]);
  }

  #nodeChanged(node: UsbNode | undefined): void {
    this.#filtersChanged();
    const token = node?.spec?.resyncToken;
    if (token === undefined || token === this.#resyncToken) return;
    this.#resyncToken = token;
    if (token !== node?.status?.lastResyncToken) this.#options.onResync(token);
  }

  /** The node's own filters replace those of the policy. */
  #filtersChanged(): void {
    const node = this.#nodes.get(this.#options.nodeName);
    const policy = this.#policies.get(defaultPolicyName);
    const told = node?.spec?.filters ?? policy?.spec.devices?.filters;
    const filters = told === undefined ? this.#options.filters : { allow: told.allow ?? [], deny: told.deny ?? [] };
    if (JSON.stringify(filters) === JSON.stringify(this.#filters)) return;
    this.#filters = filters;
    this.#options.logger.info({ filters }, 'Device filters changed');
    this.#options.onFilters(filters);
  }
}
