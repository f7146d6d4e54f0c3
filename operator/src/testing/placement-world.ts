import { randomUUID } from 'node:crypto';
import {
  resources,
  workloadNames,
  type AutoWeavePlugin,
  type AutoWeavePluginSpec,
  type UsbDevice,
} from '@autoweave/crds';
import {
  builtinResources,
  EventRecorder,
  type KubeClient,
  type KubeObject,
  type Resource,
  resourcePath,
} from '@autoweave/platform/kube';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, vi } from 'vitest';
import { type ClusterNode, ownLabels } from '../cluster-node.ts';
import { ClusterState } from '../cluster-state.ts';
import { FakePorts } from '../controllers/plugin/testing/fake-ports.ts';
import { sampleFiles } from '../controllers/plugin/testing/sample-plugin.ts';
import { makeControllers } from '../make-controllers.ts';
import type { DaemonSet, Deployment, Job, Pod, PodTemplate } from '../workloads/kinds.ts';
import type { RunnerPods } from '../workloads/runner-pods.ts';
import { testRunnerPods } from '../workloads/testing/test-runner-pods.ts';

/** For `vi.waitFor`. */
export const patience = { timeout: 30_000, interval: 50 };

/** A condition, by status and reason, with a part of its message. */
export function says(standing: string, message = ''): unknown {
  return [standing, expect.stringContaining(message)];
}

/** Waits for an object. */
export async function there<T>(read: () => Promise<T | undefined>): Promise<T> {
  return vi.waitFor(async () => {
    const object = await read();
    if (object === undefined) throw new Error('It is not there');
    return object;
  }, patience);
}

export interface PlacementWorldOptions {
  /** Of whoever is no operator. */
  readonly admin: KubeClient;
  /** Of the operator. */
  readonly operator: KubeClient;
  readonly namespace: string;
  readonly runnerPods?: Partial<RunnerPods>;
}

/** All controllers of a leader over one namespace, with what users, agents, kubelets and Kubernetes' own controllers do. */
export class PlacementWorld {
  readonly ports = new FakePorts();
  /** Jobs that wait for each plugin. */
  jobs = 0;
  readonly namespace: string;
  readonly #options: PlacementWorldOptions;
  #ahead = 0;
  #executorsChanged: () => void = () => {};
  #stop: () => Promise<void> = async () => {};

  constructor(options: PlacementWorldOptions) {
    this.#options = options;
    this.namespace = options.namespace;
  }

  async start(): Promise<this> {
    const { namespace, operator: client } = this.#options;
    const runnerPods = testRunnerPods({ namespaces: [namespace], ...this.#options.runnerPods });
    const shared = { client, logger: createLogger({ name: 'test', level: 'silent' }), metrics: new MetricsRegistry() };
    const state = new ClusterState({ ...shared, runnerPods });
    const recorder = new EventRecorder({ ...shared, controller: 'autoweave.dev/operator', instance: 'test' });
    state.start();
    await state.whenSynced(AbortSignal.timeout(30_000));
    const { ports } = this;
    const backlog = async (): Promise<number> => this.jobs;
    const clock = { now: () => Date.now() + this.#ahead };
    const fakes = { bundles: ports, lanes: ports, results: ports, executors: ports };
    const controllers = makeControllers({ ...shared, ...fakes, state, recorder, runnerPods, backlog, clock });
    await controllers.start();
    this.#executorsChanged = () => controllers.executorsChanged();
    this.#stop = async () => {
      await controllers.stop();
      await Promise.all([state.stop(), recorder.stop()]);
    };
    onTestFinished(() => this.stop());
    return this;
  }

  async stop(): Promise<void> {
    await this.#stop();
    this.#stop = async () => {};
  }

  later(seconds: number): void {
    this.#ahead += seconds * 1_000;
  }

  now(): string {
    return new Date(Date.now() + this.#ahead).toISOString();
  }

  executorStarts(node: string): void {
    this.ports.executorStarts(node);
    this.#executorsChanged();
  }

  endJobs(): void {
    this.ports.endJobs();
    this.#executorsChanged();
  }

  async createPlugin(name: string, spec: Partial<AutoWeavePluginSpec> = {}): Promise<AutoWeavePlugin> {
    const source = { files: sampleFiles({ name }) };
    return this.#apply<AutoWeavePlugin>(resources.autoWeavePlugin, name, { spec: { source, ...spec } });
  }

  async deletePlugin(name: string): Promise<void> {
    await this.#options.admin.delete(resources.autoWeavePlugin, { namespace: this.namespace, name });
  }

  async plugin(name: string): Promise<AutoWeavePlugin> {
    const found = await this.#get<AutoWeavePlugin>(resources.autoWeavePlugin, name);
    if (found === undefined) throw new Error(`Plugin ${name} is gone`);
    return found;
  }

  /** Status and reason of a condition, and its message. */
  async condition(name: string, type: string): Promise<readonly [string, string] | undefined> {
    const found = (await this.plugin(name)).status?.conditions?.find((condition) => condition.type === type);
    return found && [`${found.status} ${found.reason}`, found.message];
  }

  daemonSet(plugin?: string): Promise<DaemonSet | undefined> {
    return this.#get<DaemonSet>(builtinResources.daemonSet, this.#workloadName(plugin));
  }

  deployment(plugin: string): Promise<Deployment | undefined> {
    return this.#get<Deployment>(builtinResources.deployment, this.#workloadName(plugin));
  }

  job(plugin: string): Promise<Job | undefined> {
    return this.#get<Job>(builtinResources.job, this.#workloadName(plugin));
  }

  account(name: string): Promise<KubeObject | undefined> {
    return this.#get<KubeObject>(builtinResources.serviceAccount, name);
  }

  async createNode(): Promise<string> {
    const { admin } = this.#options;
    const name = `${this.namespace}-${randomBytes(3).toString('hex')}`;
    await admin.create<ClusterNode>(builtinResources.node, { metadata: { name } });
    onTestFinished(async () => void (await admin.delete(builtinResources.node, { name })));
    return name;
  }

  /** Those that are ours. */
  async labels(node: string): Promise<Readonly<Record<string, string>>> {
    const found = await this.#options.admin.get<ClusterNode>(builtinResources.node, { name: node });
    return found === undefined ? {} : ownLabels(found);
  }

  /** A keyboard. @returns its name. */
  async plug(node: string): Promise<string> {
    const { admin } = this.#options;
    const name = `046d-c31c-${randomBytes(8).toString('hex')}`;
    await admin.create<UsbDevice>(resources.usbDevice, { metadata: { name } });
    onTestFinished(async () => void (await admin.delete(resources.usbDevice, { name })));
    await this.report(name, node, true);
    return name;
  }

  /** @param since when it came or went; a report of the same time is no other loss, only heard once more. */
  async report(name: string, nodeName: string, present: boolean, since = this.now()): Promise<void> {
    const [vendorId = '', productId = '', signature = ''] = name.split('-');
    const status = {
      identity: { vendorId, productId, signature, quality: 'Serial' as const },
      descriptor: { id: `${vendorId}:${productId}`, class: 'hid', deviceClass: '00', interfaceClasses: ['03'] },
      attachments: [{ nodeName, present, since, lastEventId: randomUUID() }],
    };
    const options = { fieldManager: 'agent', force: true, subresource: 'status' };
    await this.#options.admin.apply<UsbDevice>(resources.usbDevice, { metadata: { name }, status }, options);
  }

  /** What the controllers of Kubernetes and the kubelet do: a pod from the template, which gets ready. */
  async runPod(
    owner: { readonly spec: { readonly template: PodTemplate } },
    nodeName: string,
    status?: object,
  ): Promise<Pod> {
    const { metadata, spec } = owner.spec.template;
    const name = `pod-${randomBytes(4).toString('hex')}`;
    const pod = { metadata: { name, namespace: this.namespace, ...metadata }, spec: { ...spec, nodeName } };
    const created = await this.#options.admin.create<Pod>(builtinResources.pod, pod);
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    return this.#applyStatus<Pod>(builtinResources.pod, name, status ?? ready).then(() => created);
  }

  async deletePod({ metadata }: Pod): Promise<void> {
    const path = resourcePath(builtinResources.pod, metadata);
    await this.#options.admin.request({ method: 'DELETE', path, query: { gracePeriodSeconds: '0' } });
  }

  async setDaemonSetStatus(daemonSet: DaemonSet, wanted: number, made = wanted): Promise<void> {
    const { generation = 0, name } = daemonSet.metadata;
    await this.#applyStatus(builtinResources.daemonSet, name, {
      observedGeneration: generation,
      desiredNumberScheduled: wanted,
      currentNumberScheduled: made,
      numberMisscheduled: 0,
      numberReady: made,
    });
  }

  async endJob(job: Job, type: 'Complete' | 'Failed', message = ''): Promise<void> {
    const time = new Date().toISOString().replace(/\.\d+/, '');
    const before = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    const conditions = [before, type].map((name) => ({
      type: name,
      status: 'True',
      reason: type,
      message,
      lastTransitionTime: time,
    }));
    const end = type === 'Complete' ? { succeeded: 1, completionTime: time } : { failed: 4 };
    await this.#applyStatus(builtinResources.job, job.metadata.name, { startTime: time, conditions, ...end });
  }

  /** As a DaemonSet's controller writes it when a pod is refused. */
  async refusePods({ apiVersion, kind, metadata }: KubeObject, message: string): Promise<void> {
    const { name, uid } = metadata;
    const time = new Date().toISOString().replace(/\.\d+/, '');
    await this.#options.admin.create<KubeObject & Record<string, unknown>>(
      { ...builtinResources.event, group: '' },
      {
        metadata: { name: `${name}.${randomBytes(4).toString('hex')}`, namespace: this.namespace },
        involvedObject: { apiVersion, kind, name, uid, namespace: this.namespace },
        type: 'Warning',
        reason: 'FailedCreate',
        message,
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        source: { component: 'daemonset-controller' },
      },
    );
  }

  /** What the API server, with Pod Security, says to a pod of this template; undefined: it would take it. */
  async podRefusal({ metadata, spec }: PodTemplate): Promise<string | undefined> {
    const path = resourcePath(builtinResources.pod, { namespace: this.namespace });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'tried' }, spec };
    const query = { dryRun: 'All', fieldValidation: 'Strict' };
    return this.#options.admin
      .request({ method: 'POST', path, query, body: JSON.stringify(pod) })
      .then(() => undefined, String);
  }

  #workloadName(plugin: string | undefined): string {
    return plugin === undefined ? workloadNames.runner : workloadNames.plugin(plugin);
  }

  async #get<T extends KubeObject>(resource: Resource, name: string): Promise<T | undefined> {
    return this.#options.admin.get<T>(resource, { namespace: this.namespace, name });
  }

  async #apply<T extends KubeObject>(resource: Resource, name: string, content: object): Promise<T> {
    const object = { ...content, metadata: { namespace: this.namespace, name } };
    return this.#options.admin.apply<KubeObject>(resource, object, { fieldManager: 'user', force: true }) as Promise<T>;
  }

  async #applyStatus<T extends KubeObject>(resource: Resource, name: string, status: object): Promise<T> {
    const object = { status, metadata: { namespace: this.namespace, name } };
    const options = { fieldManager: 'kubernetes', force: true, subresource: 'status' };
    return this.#options.admin.apply<KubeObject>(resource, object, options) as Promise<T>;
  }
}
