import type { KubernetesManifest } from './helm-client.ts';

export interface PodTemplate {
  readonly metadata?: object;
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly hostPath?: object }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

export interface PodOf {
  readonly owner: KubernetesManifest;
  readonly template: PodTemplate;
}

interface WorkloadSpec {
  readonly template?: PodTemplate;
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

/** The pods that the objects would make, and those that are pods. A claim becomes an empty directory. */
export function podsOf(manifests: readonly KubernetesManifest[]): readonly PodOf[] {
  return manifests.flatMap((owner) => {
    if (owner.kind === 'Pod') return [{ owner, template: { spec: owner['spec'] as PodSpec } }];
    const { template, volumeClaimTemplates = [] } = (owner['spec'] ?? {}) as WorkloadSpec;
    if (template === undefined) return [];
    const claimed = volumeClaimTemplates.map(({ metadata: { name } }) => ({ name, emptyDir: {} }));
    const spec = { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claimed] };
    return [{ owner, template: { ...template, spec } }];
  });
}
