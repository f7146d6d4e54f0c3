import { describe, expect, it } from 'vitest';
import type { CustomResourceDefinition, StructuralSchema } from './custom-resource-definition.ts';
import { kindFileName, kindTypes } from './kind-types.ts';

function definition(spec: StructuralSchema): CustomResourceDefinition {
  const openAPIV3Schema = { type: 'object' as const, properties: { metadata: { type: 'object' as const }, spec } };
  return {
    metadata: { name: 'things.autoweave.dev' },
    spec: {
      group: 'autoweave.dev',
      scope: 'Cluster',
      names: { kind: 'Thing', plural: 'things' },
      versions: [{ name: 'v1alpha1', storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

describe('types of a kind', () => {
  it('have one readonly interface an object, named after kind and property', async () => {
    const part: StructuralSchema = { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } };
    const code = await kindTypes(
      definition({
        type: 'object',
        properties: {
          parts: { type: 'array', items: part },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          amounts: { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } },
          sides: { type: 'array', items: { type: 'string', enum: ['Left', 'Right'] } },
        },
      }),
    );

    expect(code).toContain('readonly spec?: ThingSpec');
    expect(code).toContain('readonly parts?: readonly ThingPart[]');
    expect(code).toContain('readonly sides?: readonly ("Left" | "Right")[]');
    expect(code).toMatch(/readonly labels\?: \{\s*readonly \[k: string\]: string\s*\}/);
    expect(code).toMatch(/readonly amounts\?: \{\s*readonly \[k: string\]: number \| string\s*\}/);
    expect(code).toMatch(/export interface ThingPart \{\s*readonly size: number\s*\}/);
  });

  it('have one interface for equal objects with the same title', async () => {
    const filter: StructuralSchema = { type: 'object', title: 'ThingFilter', properties: { id: { type: 'string' } } };
    const list: StructuralSchema = { type: 'array', items: filter };
    const code = await kindTypes(
      definition({ type: 'object', properties: { allow: list, deny: structuredClone(list) } }),
    );

    expect(code.match(/export interface ThingFilter/g)).toHaveLength(1);
  });

  it('live in a file named after the kind', () => {
    expect(kindFileName('UsbDevice')).toBe('usb-device.ts');
    expect(kindFileName('AutoWeavePlugin')).toBe('auto-weave-plugin.ts');
  });
});
