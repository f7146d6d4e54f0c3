import { compile } from 'json-schema-to-typescript';
import { type CustomResourceDefinition, storedVersion } from './custom-resource-definition.ts';
import { kindSchema } from './kind-schema.ts';

/** `UsbDevice` becomes `usb-device.ts`. */
export function kindFileName(kind: string): string {
  return `${kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.ts`;
}

/** Code of the interfaces of one kind, unformatted. */
export async function kindTypes(definition: CustomResourceDefinition): Promise<string> {
  const { kind } = definition.spec.names;
  const code = await compile(kindSchema(kind, storedVersion(definition).schema.openAPIV3Schema), kind, {
    additionalProperties: false,
    bannerComment: '',
    format: false,
    ignoreMinAndMaxItems: true,
    unknownAny: true,
  });
  const used = ['Condition', 'ObjectMeta'].filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  return `import type { ${used.join(', ')} } from '../kube-types.ts';\n\n${readonly(code)}`;
}

/** The compiler knows no readonly properties and arrays: it is added to its output, which has one property a line. */
function readonly(code: string): string {
  return code
    .replaceAll(/^(\w+\??: |\[k: string\]: )/gm, 'readonly $1')
    .replaceAll(/^(readonly .*: )(.*\[\])$/gm, '$1readonly $2');
}
