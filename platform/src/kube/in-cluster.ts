import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AutoWeaveError, errorMessage } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { tokenFromFile } from './token-file.ts';

export interface InClusterPaths {
  readonly token: string;
  readonly certificateAuthority: string;
  readonly namespace: string;
}

export function inClusterPaths(directory = '/var/run/secrets/kubernetes.io/serviceaccount'): InClusterPaths {
  return {
    token: join(directory, 'token'),
    certificateAuthority: join(directory, 'ca.crt'),
    namespace: join(directory, 'namespace'),
  };
}

/** @throws AutoWeaveError AW_KUBECONFIG_INVALID when the mounted service account is not whole. */
export async function loadInClusterAccess(
  env: Readonly<Record<string, string | undefined>>,
  paths: InClusterPaths,
): Promise<ClusterAccess> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT_HTTPS'] ?? env['KUBERNETES_SERVICE_PORT'] ?? '443';
  try {
    return {
      server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
      tls: { ca: await readFile(paths.certificateAuthority, 'utf8'), rejectUnauthorized: true },
      token: tokenFromFile(paths.token),
      headers: {},
      namespace: (await readFile(paths.namespace, 'utf8')).trim(),
      origin: 'service account',
    };
  } catch (error) {
    throw new AutoWeaveError(
      'AW_KUBECONFIG_INVALID',
      `The service account of the pod could not be read: ${errorMessage(error)}`,
      { cause: error },
    );
  }
}
