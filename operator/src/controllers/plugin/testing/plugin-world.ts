import { resources, type AutoWeavePlugin, type AutoWeavePluginSpec, type AutoWeavePolicy } from '@autoweave/crds';
import {
  builtinResources,
  EventRecorder,
  Informer,
  type EventObject,
  type KubeClient,
  type KubeObject,
} from '@autoweave/platform/kube';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { expect, onTestFinished, vi } from 'vitest';
import { pluginController } from '../plugin-controller.ts';
import { FakePorts } from './fake-ports.ts';
import { sampleFiles } from './sample-plugin.ts';

/** For `vi.waitFor`. */
export const patience = { timeout: 20_000, interval: 50 };
/** Of the plugin of each test. */
export const pluginName = 'greeter';

/** A controller over the plugin of one namespace, and what users do and see. */
export interface PluginWorld extends PluginUser {
  readonly ports: FakePorts;
  readonly namespace: string;
  enqueue(): void;
  /** A whole pass: it is over when another one begins. */
  pass(): Promise<void>;
  /** Allows the plugins of one namespace, or of all (`*`), and waits until the controller knows. */
  allow(allowed: string): Promise<void>;
}

interface PluginUser {
  plugin(): Promise<AutoWeavePlugin>;
  create(spec?: AutoWeavePluginSpec): Promise<void>;
  /** Changes a part of the spec. */
  apply(spec: Partial<AutoWeavePluginSpec>): Promise<void>;
  createConfigMap(name: string, data: Record<string, string>): Promise<void>;
  /** Phase and reason of Ready. */
  standing(): Promise<string>;
  /** Of Ready. */
  message(): Promise<string | undefined>;
  /** Reasons of the Events of the namespace. */
  events(): Promise<string[]>;
}

export async function startPluginController(client: KubeClient, namespace: string): Promise<PluginWorld> {
  await client.create<KubeObject>(builtinResources.namespace, { metadata: { name: namespace } });
  const metrics = new MetricsRegistry();
  const parts = { client, logger: createLogger({ name: 'test', level: 'silent' }), metrics };
  const plugins = new Informer<AutoWeavePlugin>({ ...parts, resource: resources.autoWeavePlugin, namespace });
  const policies = new Informer<AutoWeavePolicy>({ ...parts, resource: resources.autoWeavePolicy });
  const events = new EventRecorder({ ...parts, controller: 'autoweave.dev/operator', instance: 'test' });
  const ports = new FakePorts();
  const controller = pluginController({
    ...parts,
    events,
    plugins,
    policies,
    bundles: ports,
    lanes: ports,
    results: ports,
    executors: ports,
    runnerPods: undefined,
    placements: undefined,
    clock: Date,
  });
  plugins.start();
  policies.start();
  await controller.start();
  onTestFinished(async () => {
    await controller.stop();
    await Promise.all([plugins.stop(), policies.stop(), events.stop()]);
  });
  const enqueue = (): void => controller.enqueue(`${namespace}/${pluginName}`);
  return {
    ports,
    namespace,
    enqueue,
    pass: async (): Promise<void> => {
      for (const next of [ports.passes + 1, ports.passes + 2]) {
        enqueue();
        await vi.waitFor(() => expect(ports.passes).toBeGreaterThanOrEqual(next), patience);
      }
    },
    allow: async (allowed: string): Promise<void> => {
      const allowUnsigned = [{ namespace: allowed }];
      await client.apply<AutoWeavePolicy>(
        resources.autoWeavePolicy,
        { metadata: { name: 'default' }, spec: { plugins: { allowUnsigned } } },
        { fieldManager: 'admin' },
      );
      await vi.waitFor(
        () => expect(policies.get('default')?.spec.plugins?.allowUnsigned).toEqual(allowUnsigned),
        patience,
      );
    },
    ...userOf(client, namespace),
  };
}

function userOf(client: KubeClient, namespace: string): PluginUser {
  const plugin = async (): Promise<AutoWeavePlugin> => {
    const object = await client.get<AutoWeavePlugin>(resources.autoWeavePlugin, { name: pluginName, namespace });
    if (object === undefined) throw new Error('The plugin is gone');
    return object;
  };
  const ready = async () => (await plugin()).status?.conditions?.find(({ type }) => type === 'Ready');
  const apply = async (spec: Partial<AutoWeavePluginSpec>): Promise<void> => {
    const { spec: known } = await plugin();
    await client.apply<AutoWeavePlugin>(
      resources.autoWeavePlugin,
      { metadata: { name: pluginName, namespace }, spec: { ...known, ...spec } },
      { fieldManager: 'user', force: true },
    );
  };
  return {
    plugin,
    apply,
    standing: async () => `${(await plugin()).status?.phase} ${(await ready())?.reason}`,
    message: async () => (await ready())?.message,
    create: async (spec: AutoWeavePluginSpec = { source: { files: sampleFiles() } }): Promise<void> => {
      await client.apply<AutoWeavePlugin>(
        resources.autoWeavePlugin,
        { metadata: { name: pluginName, namespace }, spec },
        { fieldManager: 'user' },
      );
    },
    createConfigMap: async (configMap: string, data: Record<string, string>): Promise<void> => {
      await client.create<KubeObject & { data: Record<string, string> }>(builtinResources.configMap, {
        metadata: { name: configMap, namespace },
        data,
      });
    },
    events: async (): Promise<string[]> => {
      const { items } = await client.list<EventObject>(builtinResources.event, { namespace });
      return items.map(({ reason }) => reason);
    },
  };
}
