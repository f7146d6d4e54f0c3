import { type CustomResourceDefinition, storedVersion } from './custom-resource-definition.ts';

/** Code of the constant `resources`: where the API server serves each kind. */
export function resourceTable(definitions: readonly CustomResourceDefinition[]): string {
  const entries = definitions.map((definition) => {
    const { group, names, scope } = definition.spec;
    const resource = {
      group,
      version: storedVersion(definition).name,
      plural: names.plural,
      kind: names.kind,
      namespaced: scope === 'Namespaced',
    };
    return `${firstLower(names.kind)}: ${JSON.stringify(resource)},`;
  });
  return `/** Where the API server serves each kind. */\nexport const resources = {\n${entries.join('\n')}\n} as const;\n`;
}

function firstLower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
