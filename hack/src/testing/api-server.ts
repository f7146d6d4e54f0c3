import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { ServerProcess } from '../processes/server-process.ts';
import { selfSignedCertificate } from './certificate.ts';
import { kubeconfig } from './kubeconfig.ts';

export interface ApiServerCredentials {
  /** PEM: what a client must trust. */
  readonly certificateAuthority: string;
  /** Bearer token of a member of system:masters. */
  readonly adminToken: string;
  readonly kubeconfigPath: string;
}

/** Makes keys and certificate of an API server and writes them, with the kubeconfig of its admin, below `directory`. */
export async function writeCredentials(
  directory: string,
  { server, names }: { readonly server: string; readonly names: readonly string[] },
): Promise<ApiServerCredentials> {
  const { certificate, privateKey } = selfSignedCertificate(names);
  const serviceAccounts = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const adminToken = randomBytes(16).toString('hex');
  const kubeconfigPath = join(directory, 'kubeconfig');
  const files = {
    'server.crt': certificate,
    'server.key': privateKey,
    'service-accounts.key': serviceAccounts.privateKey.export({ type: 'sec1', format: 'pem' }),
    'service-accounts.pub': serviceAccounts.publicKey.export({ type: 'spki', format: 'pem' }),
    'tokens.csv': `${adminToken},autoweave-admin,autoweave-admin,system:masters\n`,
    kubeconfig: kubeconfig({ server, certificateAuthority: certificate, token: adminToken }),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content, { mode: 0o600 });
  }
  return { certificateAuthority: certificate, adminToken, kubeconfigPath };
}

export interface ApiServerOptions {
  readonly command: string;
  /** Where `writeCredentials` wrote. */
  readonly directory: string;
  readonly credentials: ApiServerCredentials;
  readonly port: number;
  readonly etcdPort: number;
  /** After ours. */
  readonly flags: readonly string[];
}

/** A kube-apiserver on loopback, not yet started. */
export function apiServerProcess(options: ApiServerOptions): ServerProcess {
  const { command, directory, credentials, port, etcdPort, flags } = options;
  return new ServerProcess({
    command,
    directory,
    logFile: join(directory, 'kube-apiserver.log'),
    parameters: [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${join(directory, 'server.crt')}`,
      `--tls-private-key-file=${join(directory, 'server.key')}`,
      `--token-auth-file=${join(directory, 'tokens.csv')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(directory, 'service-accounts.pub')}`,
      `--service-account-signing-key-file=${join(directory, 'service-accounts.key')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=Node,RBAC',
      // Nothing here makes the service account `default` of each namespace, without which this plugin admits no pod.
      '--disable-admission-plugins=ServiceAccount',
      // A loopback address is no valid endpoint of the service `kubernetes`; nobody needs it here.
      '--endpoint-reconciler-type=none',
      '--allow-privileged=true',
      '--profiling=false',
      ...flags,
    ],
    isReady: (signal) => answersReady({ port, credentials, signal }),
  });
}

function answersReady(options: {
  readonly port: number;
  readonly credentials: ApiServerCredentials;
  readonly signal: AbortSignal;
}): Promise<boolean> {
  const { port, credentials, signal } = options;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path: '/readyz',
        ca: credentials.certificateAuthority,
        headers: { authorization: `Bearer ${credentials.adminToken}` },
        agent: false,
        signal,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    call.on('error', reject);
    call.end();
  });
}
