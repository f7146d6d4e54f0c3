import type { JSONSchema } from 'json-schema-to-typescript';
import type { StructuralSchema } from './custom-resource-definition.ts';

/**
 * The schema of a kind as the type compiler wants it: every object carries, as its title, the name of the interface it
 * becomes. That is the title in the YAML when there is one, else kind and property (`UsbDevice` + `attachments` →
 * `UsbDeviceAttachment`). Equal objects become one interface.
 */
export function kindSchema(kind: string, schema: StructuralSchema): JSONSchema {
  return {
    ...new KindSchema(kind).translate(schema, kind),
    required: ['apiVersion', 'kind', 'metadata', ...(schema.required ?? [])],
  };
}

class KindSchema {
  readonly #kind: string;
  /** By their JSON: the compiler makes one interface of what is one object. */
  readonly #objects = new Map<string, JSONSchema>();

  constructor(kind: string) {
    this.#kind = kind;
  }

  translate(schema: StructuralSchema, title: string): JSONSchema {
    const { description, enum: values, required, type } = schema;
    if (schema['x-kubernetes-int-or-string'] === true)
      return { ...defined({ description }), tsType: 'number | string' };
    if (type === 'array' && schema.items !== undefined) {
      return { ...defined({ description }), type, items: this.translate(schema.items, singular(title)) };
    }
    if (type !== 'object') return { ...defined({ title: schema.title, description, enum: values }), type };
    if (schema.additionalProperties !== undefined) {
      return {
        ...defined({ description }),
        type,
        additionalProperties: this.translate(schema.additionalProperties, title),
      };
    }
    return this.#unique({
      ...defined({ description, required }),
      type,
      title: schema.title ?? title,
      properties: this.#properties(schema.properties ?? {}),
    });
  }

  #properties(properties: Readonly<Record<string, StructuralSchema>>): Record<string, JSONSchema> {
    return Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [
        name,
        sharedType(name, schema) ?? this.translate(schema, this.#kind + firstUpper(name)),
      ]),
    );
  }

  #unique(schema: JSONSchema): JSONSchema {
    const key = JSON.stringify(schema);
    const known = this.#objects.get(key);
    if (known === undefined) this.#objects.set(key, schema);
    return known ?? schema;
  }
}

/** Types that are the same for all kinds and written by hand. */
function sharedType(name: string, schema: StructuralSchema): JSONSchema | undefined {
  if (name === 'metadata') return { tsType: 'ObjectMeta' };
  if (name !== 'conditions') return undefined;
  return { ...defined({ description: schema.description }), tsType: 'Condition[]' };
}

/** The compiler tells an absent field from an undefined one. */
function defined<T extends object>(fields: T): Partial<T> {
  const copy: Partial<T> = { ...fields };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) Reflect.deleteProperty(copy, name);
  }
  return copy;
}

function singular(title: string): string {
  return title.replace(/s$/, '');
}

function firstUpper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
