import { release } from 'node:os';
import { join } from 'node:path';
import { jsonReply, ProbeServer, type ReadinessCheck } from '@autoweave/platform/http';
import type { ClusterAccess } from '@autoweave/platform/kube';
import { createRedis, redisUrlOf } from '@autoweave/platform/redis';
import { autoweaveVersion, MetricsRegistry, TelemetryExport, type Logger } from '@autoweave/platform/telemetry';
import { ClusterReporter } from './cluster/cluster-reporter.ts';
import type { AgentConfig } from './config.ts';
import { Inventory } from './inventory/inventory.ts';
import { usbMetrics } from './inventory/usb-metrics.ts';
import { Journal } from './journal/journal.ts';
import type { NodeFacts } from './node-status/usb-node-status.ts';
import { HotplugPublisher } from './publisher/hotplug-publisher.ts';
import type { UsbParts } from './usb-parts.ts';

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly access: ClusterAccess;
  readonly usb: UsbParts;
  /** Of the running kernel, where it tells. */
  readonly bootId: string | undefined;
  readonly logger: Logger;
}

/** The first scan must not tell of devices that the cluster filters out; a cluster that is away is not waited for long. */
const filtersWaitMilliseconds = 2000;

/** One process per node: sees devices, journals what happens, then tells Redis and the cluster, each in its own time. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #metrics = new MetricsRegistry();
  readonly #telemetry: TelemetryExport;
  readonly #journal: Journal;
  readonly #publisher: HotplugPublisher;
  readonly #reporter: ClusterReporter;
  readonly #probes: ProbeServer;
  readonly #stopping = new AbortController();
  #inventory: Inventory | undefined;

  constructor(options: AgentOptions) {
    const { config, logger } = options;
    const { nodeName, streamMaximumLength } = config;
    const metrics = this.#metrics;
    this.#options = options;
    this.#journal = new Journal({
      path: join(config.journalDirectory, 'journal.sqlite'),
      node: nodeName,
      logger,
      metrics,
    });
    this.#telemetry = new TelemetryExport({ config, service: 'autoweave-node-agent', node: nodeName, logger, metrics });
    const redis = createRedis({ url: redisUrlOf(config), name: `autoweave-agent-${nodeName}`, logger });
    const publishing = { redis, journal: this.#journal, node: nodeName, streamMaximumLength };
    this.#publisher = new HotplugPublisher({ ...publishing, logger, metrics, spans: this.#telemetry });
    this.#reporter = this.#makeReporter();
    this.#probes = new ProbeServer({
      host: config.probeHost,
      port: config.probePort,
      logger,
      metrics,
      checks: this.#checks(),
      // For the executor beside it: who is in the network has no business with serial numbers.
      localRoutes: { '/devices': () => jsonReply(this.#devices()) },
    });
    metrics.collectProcessMetrics();
  }

  /**
   * Resolves after the first scan, whether Redis, the API server and a USB tree are there or not.
   * @returns The port of the probes.
   * @throws AutoWeaveError AW_JOURNAL_LOCKED, AW_CONFIG_INVALID
   */
  async start(): Promise<{ readonly port: number }> {
    const { signal } = this.#stopping;
    try {
      await this.#telemetry.start();
      this.#journal.open();
      const { port } = await this.#probes.start();
      this.#publisher.start();
      await this.#reporter.listen(filtersWaitMilliseconds, signal);
      if (!signal.aborted) await this.#watchDevices();
      if (!signal.aborted) this.#reporter.startWriting();
      return { port };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** What is not delivered yet stays in the journal. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#inventory?.stop();
    await Promise.all([this.#reporter.stop(), this.#publisher.stop(), this.#probes.stop()]);
    await this.#telemetry.stop();
    this.#journal.close();
    this.#options.usb.dispose?.();
  }

  async #watchDevices(): Promise<void> {
    const { config, usb, bootId, logger } = this.#options;
    this.#inventory = new Inventory({
      ...usb,
      ...(bootId === undefined ? {} : { bootId }),
      nodeName: config.nodeName,
      recorded: this.#journal.lastState(),
      sink: this.#journal,
      distrusted: this.#journal.distrustedSerials,
      filters: this.#reporter.filters,
      metrics: usbMetrics(this.#metrics),
      clock: Date,
      traceShare: config.traceShare,
      timing: { slowScan: config.rescanSeconds * 1000 },
      logger,
    });
    this.#inventory.onUpdated((device) => this.#journal.refresh(device));
    await this.#inventory.start();
  }

  #makeReporter(): ClusterReporter {
    const { config, access, logger } = this.#options;
    return new ClusterReporter({
      access,
      nodeName: config.nodeName,
      journal: this.#journal,
      facts: () => this.#facts(),
      budget: {
        burst: config.writeBurst,
        perSecond: config.writesPerSecond,
        spacingMilliseconds: config.writeSpacingMilliseconds,
      },
      filters: { allow: config.allowDevices, deny: config.denyDevices },
      onFilters: (filters) => this.#inventory?.setFilters(filters),
      scan: async () => this.#inventory?.resync(),
      logger,
      metrics: this.#metrics,
    });
  }

  #checks(): ReadinessCheck[] {
    const checks = [
      { name: 'usb', check: () => this.#usbProblem() },
      { name: 'journal', check: () => this.#journal.problem?.message },
      { name: 'redis', check: () => this.#publisher.problem },
      { name: 'kubernetes', check: () => this.#reporter.problem },
    ];
    const available = this.#metrics.gauge({
      name: 'autoweave_agent_dependency_available',
      help: 'Whether what the agent needs is there; /readyz?verbose says why not.',
      labels: { dependency: checks.map(({ name }) => name) },
    });
    this.#metrics.onRender(() => {
      for (const { name, check } of checks) available.set(check() === undefined ? 1 : 0, { dependency: name });
    });
    return checks;
  }

  #usbProblem(): string | undefined {
    if (this.#inventory === undefined) return 'the first scan has not begun';
    const failed = this.#inventory
      .sources()
      .slice(0, 1)
      .find((source) => source.state !== 'Active');
    if (failed !== undefined) return failed.message ?? `source ${failed.name} is ${failed.state}`;
    return this.#inventory.synced ? undefined : 'the first scan is not done';
  }

  #facts(): Omit<NodeFacts, 'lastResyncToken' | 'statedEpoch'> {
    return {
      agentVersion: autoweaveVersion,
      kernelVersion: release(),
      epoch: this.#journal.epoch,
      devicesPresent: this.#inventory?.list().length ?? 0,
      sources: this.#inventory?.sources() ?? [],
      problems: {
        usb: this.#usbProblem(),
        redis: this.#publisher.problem,
        journal: this.#journal.problem?.message,
      },
    };
  }

  #devices(): object[] {
    const { nodeName } = this.#options.config;
    return (this.#inventory?.list() ?? []).map((device) => ({ ...device, nodeName, present: true }));
  }
}
