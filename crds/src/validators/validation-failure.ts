import type { ErrorObject } from 'ajv/dist/2020.js';
import { fieldPath, memberPath } from './field-path.ts';

/** What is wrong with a value, and where. */
export interface ValidationFailure {
  /** e.g. `permissions.usb[0].vendorIds[1]` or `files["src/index.js"]`; empty for the value as a whole. */
  readonly field: string;
  /** The wrong value as JSON, shortened; undefined when the field is missing. */
  readonly value?: string;
  /** One sentence for people: field, value and what to write instead. */
  readonly message: string;
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ValidationFailure };

export function failed(wrong: ValidationFailure): { readonly ok: false; readonly failure: ValidationFailure } {
  return { ok: false, failure: wrong };
}

/** @param field `undefined` value: the field is missing. */
export function failure(field: string, value: unknown, remedy: string): ValidationFailure {
  const subject = field === '' ? 'the value' : field;
  if (value === undefined) return { field, message: `${subject} is missing; ${remedy}` };
  const shown = shortJson(value);
  return { field, value: shown, message: `${subject} is ${shown}; ${remedy}` };
}

/** What the first error of a validation says (a schema with `oneOf` and discriminator has but one). */
export function schemaFailure(errors: readonly ErrorObject[] | null | undefined): ValidationFailure {
  const error = errors?.[0];
  if (error === undefined) throw new TypeError('A schema rejected a value without an error');
  const field = fieldPath(error.instancePath);
  if (error.propertyName !== undefined) {
    return failure(memberPath(field, error.propertyName), error.propertyName, `name it as ${expected(error)}`);
  }
  return memberFailure(error, field) ?? failure(field, error.data, `give ${expected(error)}`);
}

/** For errors of a member that ajv reports at the object around it. */
function memberFailure(error: ErrorObject, field: string): ValidationFailure | undefined {
  const { keyword, params } = error;
  if (keyword === 'required') {
    return failure(memberPath(field, String(params['missingProperty'])), undefined, 'add it');
  }
  if (keyword === 'additionalProperties') {
    const name = String(params['additionalProperty']);
    const known = Object.keys(record(error.parentSchema?.['properties'])).join(', ');
    const remedy = `no such field is known, remove it or use one of ${known}`;
    return failure(memberPath(field, name), record(error.data)[name], remedy);
  }
  if (keyword === 'discriminator') {
    const name = String(params['tag']);
    return failure(memberPath(field, name), params['tagValue'], 'give one that the protocol knows');
  }
  return undefined;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function expected(error: ErrorObject): string {
  const hint: unknown = error.parentSchema?.['x-expected'];
  if (typeof hint === 'string') return hint;
  switch (error.keyword) {
    case 'enum':
      return `one of ${JSON.stringify(error.schema).slice(1, -1).replaceAll('","', '", "')}`;
    case 'const':
      return JSON.stringify(error.schema);
    case 'type':
      return `a value of type ${String(error.schema)}`;
    default:
      // Ajv's own sentences are good for bounds: "must NOT have more than 16 items".
      return `a value that fits: it ${error.message ?? error.keyword}`;
  }
}

function shortJson(value: unknown): string {
  // JSON.stringify gives undefined for what JSON cannot express, which no parsed value holds.
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= 100 ? json : `${json.slice(0, 97).toWellFormed()}…`;
}
