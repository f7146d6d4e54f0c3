import { parse } from 'yaml';

/** What the generator reads of a CustomResourceDefinition. */
export interface CustomResourceDefinition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Cluster' | 'Namespaced';
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly CustomResourceDefinitionVersion[];
  };
}

export interface CustomResourceDefinitionVersion {
  readonly name: string;
  readonly storage: boolean;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
}

/** The part of OpenAPI v3 that a structural schema may use and types depend on. */
export interface StructuralSchema {
  readonly title?: string;
  readonly description?: string;
  /** Absent with `x-kubernetes-int-or-string`. */
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly enum?: string[];
  readonly required?: string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
}

export function parseCustomResourceDefinition(text: string): CustomResourceDefinition {
  const definition: CustomResourceDefinition = parse(text);
  return definition;
}

/** The one version that is stored; types are made from it. */
export function storedVersion(definition: CustomResourceDefinition): CustomResourceDefinitionVersion {
  const version = definition.spec.versions.find((candidate) => candidate.storage);
  if (version === undefined) throw new Error(`${definition.metadata.name} has no stored version`);
  return version;
}
