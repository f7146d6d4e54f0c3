import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selfSignedCertificate } from '../testing/certificate.ts';
import { kubeconfig } from '../testing/kubeconfig.ts';
import type { ClusterLayout } from './layout.ts';
import { apiServerUrl, network, nodeNames } from './network.ts';

/** Users of the API server, whose rights come from their names and groups. */
const users: readonly User[] = [
  { name: 'autoweave-admin', groups: ['system:masters'], file: 'admin' },
  { name: 'system:kube-controller-manager', groups: [], file: 'kube-controller-manager' },
  { name: 'system:kube-scheduler', groups: [], file: 'kube-scheduler' },
  { name: 'system:kube-proxy', groups: [], file: 'kube-proxy' },
  { name: 'system:coredns', groups: [], file: 'coredns' },
  { name: 'system:kwok', groups: ['system:masters'], file: 'kwok' },
  ...nodeNames.map((node) => ({ name: `system:node:${node}`, groups: ['system:nodes'], file: `kubelet-${node}` })),
];

/** As which the API server calls kubelets. */
export const kubeletClient = 'kube-apiserver-kubelet-client';

interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Of its kubeconfig, with the ending `.kubeconfig`. */
  readonly file: string;
}

export interface AdminAccess {
  /** PEM: what a client must trust. */
  readonly certificateAuthority: string;
  readonly token: string;
}

/** Makes keys, certificates, tokens and a kubeconfig for each user, below the directory of the cluster. */
export async function writeCredentials({ configuration, kubeconfig: adminFile }: ClusterLayout): Promise<AdminAccess> {
  const server = selfSignedCertificate([
    'localhost',
    '127.0.0.1',
    network.nodes.host,
    network.apiService,
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ]);
  const client = selfSignedCertificate([], { commonName: kubeletClient, purpose: 'client' });
  const serviceAccounts = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const tokens = users.map((user) => ({ user, token: randomBytes(16).toString('hex') }));
  const [admin] = tokens;
  const files: Record<string, string> = {
    'server.crt': server.certificate,
    'server.key': server.privateKey,
    'kubelet-client.crt': client.certificate,
    'kubelet-client.key': client.privateKey,
    'service-accounts.key': serviceAccounts.privateKey.export({ type: 'sec1', format: 'pem' }),
    'service-accounts.pub': serviceAccounts.publicKey.export({ type: 'spki', format: 'pem' }),
    'tokens.csv': tokens
      .map(({ user, token }) => `${token},${user.name},${user.name},"${user.groups.join(',')}"\n`)
      .join(''),
  };
  const configOf = (token: string): string =>
    kubeconfig({ server: apiServerUrl, certificateAuthority: server.certificate, token });
  for (const { user, token } of tokens) files[`${user.file}.kubeconfig`] = configOf(token);
  await mkdir(configuration, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(configuration, name), content, { mode: 0o600 });
  }
  const token = admin?.token ?? '';
  await writeFile(adminFile, configOf(token), { mode: 0o600 });
  return { certificateAuthority: server.certificate, token };
}

/** What `writeCredentials` made before. */
export async function readAdminAccess({ configuration }: ClusterLayout): Promise<AdminAccess> {
  const tokens = await readFile(join(configuration, 'tokens.csv'), 'utf8');
  return {
    certificateAuthority: await readFile(join(configuration, 'server.crt'), 'utf8'),
    token: tokens.slice(0, tokens.indexOf(',')),
  };
}
