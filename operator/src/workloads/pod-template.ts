import { labels, runnerPod } from '@autoweave/crds';
import type { Container, PodSpec } from './kinds.ts';
import type { RunnerPods } from './runner-pods.ts';

/** Container and user of every pod of ours: the numeric user `nonroot` of distroless images. */
const userId = 65_532;
const runnerProgram = '/app/runner.mjs';

export const managedBy = 'autoweave';

/** @param component `plugin` or `runner` */
export function podLabels(component: 'plugin' | 'runner', plugin?: string): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': `autoweave-${component}`,
    'app.kubernetes.io/managed-by': managedBy,
    'app.kubernetes.io/part-of': 'autoweave',
    'app.kubernetes.io/component': component,
    ...(plugin === undefined ? {} : { [labels.plugin]: plugin }),
  };
}

/** What all pods share: they get no credential of the cluster, and stay within Pod Security `restricted`. */
export function commonPodSpec(runnerPods: RunnerPods): Omit<PodSpec, 'serviceAccountName' | 'containers' | 'volumes'> {
  const { priorityClass } = runnerPods;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    tolerations: [{ key: 'hardware/usb', operator: 'Exists', effect: 'NoSchedule' }],
    ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
  };
}

/** @param profile of a Localhost seccomp profile; without one that of the pod holds. */
export function containerSecurity(profile?: string): object {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    ...(profile === undefined ? {} : { seccompProfile: { type: 'Localhost', localhostProfile: profile } }),
  };
}

/** A container of the runner's image, in one of its modes. */
export function runnerContainer(
  name: string,
  mode: 'namespace' | 'sidecar' | 'plugin',
  { image, imagePullPolicy }: RunnerPods,
): Pick<Container, 'name' | 'image' | 'imagePullPolicy' | 'args'> {
  return { name, image, imagePullPolicy, args: [runnerProgram, mode] };
}

/** Of the container `runner`: it is ready when the executor, and the plugin beside it, are connected. */
export const runnerProbes = {
  ports: [{ name: 'probes', containerPort: runnerPod.probePort }],
  startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 120 },
  readinessProbe: { ...probe('/readyz'), periodSeconds: 1, failureThreshold: 3 },
  livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 6 },
};

/** Of the container `plugin`, answered by the sidecar: a plugin that broke the protocol is started anew. */
export const pluginProbes = { livenessProbe: { ...probe('/plugin'), periodSeconds: 2, failureThreshold: 3 } };

function probe(path: string): object {
  return { httpGet: { path, port: runnerPod.probePort }, timeoutSeconds: 5 };
}

export function variables(values: Readonly<Record<string, string>>): Container['env'] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** The proof of a runner: who it is, for the executor only, for minutes only. */
export const tokenVolume = {
  name: 'token',
  projected: {
    sources: [{ serviceAccountToken: { audience: runnerPod.tokenAudience, expirationSeconds: 600, path: 'token' } }],
  },
};

export const tokenMount = { name: 'token', mountPath: parentOf(runnerPod.tokenFile), readOnly: true };

/** Between plugin and sidecar. */
export const socketVolume = { name: 'socket', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } };

export const socketMount = { name: 'socket', mountPath: parentOf(runnerPod.socket) };

/** The nodes that bear a label. */
export function affinityTo(label: string): object {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: label, operator: 'Exists' }] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
