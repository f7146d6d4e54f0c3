import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { AutoWeaveError, errorMessage } from '../errors/index.ts';

const clusterSchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.base64().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.url({ protocol: /^(https?|socks5h?)$/ }).optional(),
});

const execSchema = z.object({
  apiVersion: z.enum(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional(),
  provideClusterInfo: z.boolean().optional(),
  interactiveMode: z.enum(['Never', 'IfAvailable', 'Always']).optional(),
});

const userSchema = z.object({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.base64().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.base64().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  as: z.string().optional(),
  'as-uid': z.string().optional(),
  'as-groups': z.array(z.string()).optional(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).optional(),
  exec: execSchema.nullish(),
  'auth-provider': z.unknown().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
});

const kubeconfigSchema = z.object({
  'current-context': z.string().nullish(),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })).nullish(),
  users: z.array(z.object({ name: z.string(), user: userSchema.nullish() })).nullish(),
  contexts: z
    .array(
      z.object({
        name: z.string(),
        context: z.object({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() }),
      }),
    )
    .nullish(),
});

export type Kubeconfig = z.infer<typeof kubeconfigSchema>;
export type KubeconfigCluster = z.infer<typeof clusterSchema>;
export type KubeconfigExec = z.infer<typeof execSchema>;
export type KubeconfigUser = z.infer<typeof userSchema>;

export interface KubeconfigFile {
  readonly path: string;
  readonly config: Kubeconfig;
}

/** Of several files those that do not exist are passed over. @throws AutoWeaveError AW_KUBECONFIG_INVALID */
export async function readKubeconfigFiles(paths: readonly string[]): Promise<KubeconfigFile[]> {
  const files: KubeconfigFile[] = [];
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (paths.length > 1 && isMissing(error)) return undefined;
      throw invalidKubeconfig(path, `could not be read: ${errorMessage(error)}`, error);
    });
    if (text !== undefined) files.push({ path, config: parseKubeconfig(path, text) });
  }
  return files;
}

function parseKubeconfig(path: string, text: string): Kubeconfig {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw invalidKubeconfig(path, `is not YAML: ${errorMessage(error)}`, error);
  }
  const result = kubeconfigSchema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalidKubeconfig(
    path,
    `is wrong at ${issue?.path.join('.') || 'its top level'}: ${issue?.message ?? 'unknown'}`,
  );
}

export function invalidKubeconfig(path: string, what: string, cause?: unknown): AutoWeaveError {
  return new AutoWeaveError('AW_KUBECONFIG_INVALID', `Kubeconfig ${path} ${what}`, { cause });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
