import { apiGroup, apiVersion, errorCodes, resources } from '@autoweave/crds';
import { schemaFields } from '@autoweave/crds/schema-fields';
import { isNotFound } from '@autoweave/platform/kube';
import type { Session } from '../session.ts';
import { fail, ok, someOf, warn, type Check, type Finding } from './check-result.ts';

/** Whether the API server serves our kinds, with every field that this version knows. Asks discovery, which all may. */
export const kindsCheck: Check = {
  name: 'kinds',
  run: async ({ session }) => {
    const served = await servedPlurals(session);
    const missing = Object.values(resources).filter(({ plural }) => !served.has(plural));
    if (missing.length > 0) {
      const names = missing.map(({ plural }) => `${plural}.${apiGroup}/${apiVersion}`);
      return [fail(`The API server does not serve ${someOf(names)}`, errorCodes.AW_CRD_MISSING)];
    }
    return [await compareFields(session)];
  },
};

async function servedPlurals({ client, signal }: Session): Promise<ReadonlySet<string>> {
  try {
    const text = await client.request({ method: 'GET', path: `/apis/${apiGroup}/${apiVersion}`, signal });
    const list: { readonly resources?: readonly { readonly name: string }[] } = JSON.parse(text);
    return new Set((list.resources ?? []).map(({ name }) => name));
  } catch (error) {
    if (isNotFound(error)) return new Set();
    throw error;
  }
}

async function compareFields({ client, signal }: Session): Promise<Finding> {
  const kindNames = Object.values(resources).map(({ kind }) => kind);
  const text = await client.request({ method: 'GET', path: `/openapi/v3/apis/${apiGroup}/${apiVersion}`, signal });
  const lacking = lackingFields(JSON.parse(text));
  if (lacking.length === 0)
    return ok(`${kindNames.join(', ')} are served as ${apiGroup}/${apiVersion}, with every field`);
  const remedy =
    'Apply the custom resource definitions of the installed version; Helm does it unless crds.enabled is false.';
  return warn(`The custom resource definitions are older than this plugin, they lack ${someOf(lacking)}`, remedy);
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface OpenApi {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** e.g. `AutoWeavePlugin spec.pod.image` */
export function lackingFields({ components }: OpenApi): readonly string[] {
  const schemas = Object.entries(components?.schemas ?? {});
  return Object.entries(schemaFields).flatMap(([kind, fields]) => {
    const schema = schemas.find(([name]) => name.endsWith(`.${kind}`))?.[1];
    return fields.filter((field) => !hasField(schema, field.split('.'))).map((field) => `${kind} ${field}`);
  });
}

function hasField(schema: Schema | undefined, path: readonly string[]): boolean {
  let current = schema;
  for (const step of path) {
    const name = step.replace(/\[\]$/, '');
    const property = current?.properties?.[name];
    current = step.endsWith('[]') ? property?.items : property;
    if (current === undefined) return false;
  }
  return true;
}
