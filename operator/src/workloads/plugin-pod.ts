import { nodeLabels, runnerPod, workloadNames, type AutoWeavePlugin, type AutoWeavePluginPod } from '@autoweave/crds';
import type { Container, PodSpec, PodTemplate, Quantities } from './kinds.ts';
import {
  affinityTo,
  commonPodSpec,
  containerSecurity,
  podLabels,
  pluginProbes,
  runnerContainer,
  runnerProbes,
  socketMount,
  socketVolume,
  tokenMount,
  tokenVolume,
  variables,
} from './pod-template.ts';
import { lesserQuantity } from './quantity.ts';
import type { RunnerPods } from './runner-pods.ts';

export interface PluginPodWorld {
  readonly plugin: AutoWeavePlugin;
  readonly runnerPods: RunnerPods;
  /** From AutoWeavePolicy `default`. */
  readonly maxMemoryMegabytes: number | undefined;
}

/** V8, its threads, and what an isolate may overshoot (see memory-guard.ts of the runner). */
const isolateHostMegabytes = 256;

/**
 * The pod of a plugin of runtime Pod: the plugin, which has neither token nor, with a seccomp profile for it, network;
 * and a sidecar of ours, which has both and starts first.
 */
export function pluginPodTemplate(world: PluginPodWorld): PodTemplate {
  const { plugin, runnerPods } = world;
  const { metadata, spec } = plugin;
  const { pod = {}, placement } = spec;
  const common = commonPodSpec(runnerPods);
  const secrets = [...runnerPods.imagePullSecrets, ...(pod.imagePullSecrets ?? []).map(({ name }) => name)];
  return {
    metadata: { labels: podLabels('plugin', metadata.name) },
    spec: {
      ...common,
      serviceAccountName: workloadNames.plugin(metadata.name),
      initContainers: [sidecar(world)],
      containers: [{ ...pluginContainer(world), resources: pluginResources(world) }],
      volumes: [socketVolume, tokenVolume, temporaryVolume],
      tolerations: [...common.tolerations, ...(pod.tolerations ?? [])],
      ...(secrets.length === 0 ? {} : { imagePullSecrets: [...new Set(secrets)].map((name) => ({ name })) }),
      ...chosen(pod),
      ...(placement?.nodes === 'Any' ? {} : { affinity: affinityTo(nodeLabels.plugin(metadata.uid ?? '')) }),
    },
  };
}

/** Native: it is up before the plugin starts, and ends after it. */
function sidecar({ plugin, runnerPods }: PluginPodWorld): Container {
  return {
    ...runnerContainer('runner', 'sidecar', runnerPods),
    restartPolicy: 'Always',
    env: variables({ ...identity(plugin), AW_EXECUTOR_ADDRESS: runnerPods.executorAddress }),
    ...runnerProbes,
    resources: { requests: { cpu: '5m', memory: '40Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
    securityContext: containerSecurity(),
    volumeMounts: [socketMount, tokenMount],
  };
}

function pluginContainer({ plugin, runnerPods }: PluginPodWorld): Omit<Container, 'resources'> {
  const { args, command, env = [], image, imagePullPolicy } = plugin.spec.pod ?? {};
  const own = image === undefined ? undefined : { name: 'plugin', image, ...given({ imagePullPolicy, command, args }) };
  return {
    ...(own ?? runnerContainer('plugin', 'plugin', runnerPods)),
    env: [...variables(identity(plugin)), ...env],
    ...pluginProbes,
    securityContext: containerSecurity(runnerPods.pluginSeccompProfile),
    volumeMounts: [socketMount, { name: temporaryVolume.name, mountPath: '/tmp' }],
  };
}

function identity({ metadata }: AutoWeavePlugin): Readonly<Record<string, string>> {
  return {
    AW_RUNNER_NAMESPACE: metadata.namespace ?? '',
    AW_PLUGIN_NAME: metadata.name,
    AW_RUNNER_SOCKET: runnerPod.socket,
  };
}

const temporaryVolume = { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } };

function pluginResources(world: PluginPodWorld): { readonly requests: Quantities; readonly limits: Quantities } {
  const { limits = {}, requests = {} } = world.plugin.spec.pod?.resources ?? {};
  const memory = memoryLimit(world, limits['memory']);
  return {
    requests: { cpu: '10m', ...requests, memory: lesserQuantity(requests['memory'] ?? '64Mi', memory) },
    limits: { cpu: '1', 'ephemeral-storage': '256Mi', ...limits, memory },
  };
}

/** An image of its own is held by the kernel, an isolate by its host, which needs room to do so. */
function memoryLimit(
  { maxMemoryMegabytes, plugin }: PluginPodWorld,
  wanted: number | string | undefined,
): number | string {
  const megabytes = plugin.status?.limits?.memoryMegabytes ?? 64;
  if (plugin.spec.pod?.image === undefined) return wanted ?? `${isolateHostMegabytes + 2 * megabytes}Mi`;
  const ceiling = maxMemoryMegabytes === undefined ? undefined : `${maxMemoryMegabytes}Mi`;
  return lesserQuantity(wanted ?? `${megabytes}Mi`, ceiling);
}

function chosen({ nodeSelector, runtimeClassName }: AutoWeavePluginPod): Partial<PodSpec> {
  return given({ nodeSelector, runtimeClassName });
}

/** Without what is undefined. */
function given<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
