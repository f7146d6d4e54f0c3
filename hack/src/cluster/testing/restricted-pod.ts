import type { ClusterNode } from '../network.ts';

export interface RestrictedPodOptions {
  readonly namespace: string;
  readonly name: string;
  readonly node: ClusterNode;
  /** A program for Node. */
  readonly program: string;
  /** A seccomp profile below the folder of the kubelet; the runtime's default when not given. */
  readonly seccompProfile?: string;
}

/** A pod as Pod Security `restricted` wants it, which runs a program to its end. It has a label `app`: its name. */
export function restrictedPod({ namespace, name, node, program, seccompProfile }: RestrictedPodOptions): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_532,
        seccompProfile:
          seccompProfile === undefined
            ? { type: 'RuntimeDefault' }
            : { type: 'Localhost', localhostProfile: seccompProfile },
      },
      containers: [
        {
          name: 'main',
          image: 'autoweave/base:0.1.0',
          imagePullPolicy: 'Never',
          command: ['node', '--input-type=module', '--eval', program],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: { limits: { memory: '256Mi' } },
          volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
        },
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
  };
}
