import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A Role or ClusterRole of the chart. */
export interface ChartRole {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const templates = join(import.meta.dirname, '../../../charts/autoweave/templates');

/** The roles in a folder of the chart's templates, without Helm: none of their rules depends on a value. */
export function chartRoles(folder: string): readonly ChartRole[] {
  const files = readdirSync(join(templates, folder)).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((file) => rolesIn(readFileSync(join(templates, folder, file), 'utf8')));
}

function rolesIn(text: string): readonly ChartRole[] {
  const documents = text.split(/^---$/m).filter((part) => /^kind: (Cluster)?Role$/m.test(part));
  return documents.map((document) => {
    const { kind, metadata, rules }: RoleDocument = parse(document.replaceAll(/^.*\{\{.*\n/gm, ''));
    return { kind, name: metadata.name, rules };
  });
}

interface RoleDocument {
  readonly kind: ChartRole['kind'];
  readonly metadata: { readonly name: string };
  readonly rules: readonly PolicyRule[];
}
