import type { ChartValue } from './chart-values.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

const quantity = {
  type: ['string', 'integer'],
  pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$',
};
const quantities = { type: 'object', additionalProperties: { $ref: '#/$defs/quantity' } };
const resources = {
  type: 'object',
  additionalProperties: false,
  properties: { requests: quantities, limits: quantities, claims: { type: 'array' } },
};

/** JSON Schema (draft 7, which Helm 3 and 4 understand) of values.yaml: unknown keys are refused at every level. */
export function valuesSchema(values: readonly ChartValue[]): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart autoweave',
    ...objectSchema(values, { global: { type: 'object', description: 'Helm gives it to sub-charts; not used.' } }),
    $defs: { quantity, resources },
  };
}

function objectSchema(values: readonly ChartValue[], more: JsonSchema = {}): JsonSchema {
  const properties = Object.fromEntries(values.map((value) => [value.key, valueSchema(value)]));
  return { type: 'object', additionalProperties: false, properties: { ...properties, ...more } };
}

function valueSchema({ description, schema, value, children }: ChartValue): JsonSchema {
  const described = description === '' ? {} : { description };
  if (children !== undefined) return { ...described, ...objectSchema(children) };
  if ('$ref' in schema) return { ...described, ...schema };
  return { ...described, type: typeOf(value), ...schema };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
