import { type CustomResourceDefinition, storedVersion, type StructuralSchema } from './custom-resource-definition.ts';

/** Code of the constant `schemaFields`: every field of spec and status, so that a program can tell older schemas. */
export function schemaFields(definitions: readonly CustomResourceDefinition[]): string {
  const entries = definitions.map((definition) => {
    const { openAPIV3Schema } = storedVersion(definition).schema;
    const fields = ['spec', 'status'].flatMap((name) => fieldsOf(openAPIV3Schema.properties?.[name], name));
    return `${definition.spec.names.kind}: ${JSON.stringify(fields)},`;
  });
  return `/** Fields of each kind that have no fields themselves, e.g. \`status.attachments[].nodeName\`. */\nexport const schemaFields: Readonly<Record<string, readonly string[]>> = {\n${entries.join('\n')}\n};\n`;
}

function fieldsOf(schema: StructuralSchema | undefined, path: string): readonly string[] {
  if (schema === undefined) return [];
  if (schema.items?.properties !== undefined) return fieldsOf(schema.items, `${path}[]`);
  const properties = Object.entries(schema.properties ?? {});
  return properties.length === 0
    ? [path]
    : properties.flatMap(([name, property]) => fieldsOf(property, `${path}.${name}`));
}
