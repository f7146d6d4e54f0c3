import { readFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import { AutoWeaveError, errorMessage } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { execCredential } from './exec-credential.ts';
import type { ExecCredential } from './exec-credential.ts';
import { invalidKubeconfig, readKubeconfigFiles } from './kubeconfig-file.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigFile, KubeconfigUser } from './kubeconfig-file.ts';
import { proxyFromEnvironment } from './proxy-from-environment.ts';
import { tokenFromFile } from './token-file.ts';

export interface LoadKubeconfigOptions {
  /** Instead of the current context. */
  readonly context?: string | undefined;
  /** For credential plugins, and for HTTPS_PROXY. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a context. Several paths, divided as in KUBECONFIG, are merged as kubectl does: the first file that has a name
 * wins, files that do not exist are passed over.
 *
 * @throws AutoWeaveError AW_CONTEXT_UNKNOWN when there is no such context, else AW_KUBECONFIG_INVALID with the file and
 * the entry that is wrong or not supported.
 */
export async function loadKubeconfig(paths: string, options: LoadKubeconfigOptions = {}): Promise<ClusterAccess> {
  const env = options.env ?? {};
  const files = await readKubeconfigFiles(paths.split(delimiter).filter((path) => path !== ''));
  const { namespace, cluster, user } = namedContext(files, paths, options.context);
  const server = new URL(cluster.value.server);
  const proxy = cluster.value['proxy-url'] ?? proxyFromEnvironment(server, env);
  const login = await loginOf({ cluster: cluster.value, user, env });
  return {
    server,
    tls: {
      ...(await serverTrust(cluster.value, cluster.path)),
      ...(await clientCertificate(user.value, user.path)),
      ...(login.cert === undefined ? {} : { cert: login.cert }),
      ...(login.key === undefined ? {} : { key: login.key }),
    },
    ...(login.token === undefined ? tokenSource(user.value, user.path) : { token: login.token }),
    ...(proxy === undefined ? {} : { proxy: new URL(proxy) }),
    headers: { ...passwordHeader(user.value), ...impersonationHeaders(user.value) },
    namespace,
    origin: paths,
  };
}

/** The names of all contexts. @throws AutoWeaveError AW_KUBECONFIG_INVALID */
export async function listContexts(paths: string): Promise<readonly string[]> {
  const files = await readKubeconfigFiles(paths.split(delimiter).filter((path) => path !== ''));
  return [...new Set(files.flatMap(({ config }) => (config.contexts ?? []).map(({ name }) => name)))];
}

/** Something a kubeconfig names, and the file it stands in. */
interface Entry<T> {
  readonly path: string;
  readonly value: T;
}

type NamedEntry<T> = Entry<T> & { readonly name: string };

interface NamedContext {
  readonly namespace: string;
  readonly cluster: Entry<KubeconfigCluster>;
  readonly user: NamedEntry<KubeconfigUser>;
}

function namedContext(files: readonly KubeconfigFile[], paths: string, given: string | undefined): NamedContext {
  const wanted = given ?? files.map(({ config }) => config['current-context']).find((name) => name);
  if (!wanted) throw invalidKubeconfig(paths, 'has no current-context');
  const context = find(files, 'contexts', wanted)?.entry.context;
  if (!context && given !== undefined) {
    const message = `--context ${given}: kubeconfig ${paths} has no such context`;
    throw new AutoWeaveError('AW_CONTEXT_UNKNOWN', message, { field: '--context', value: given });
  }
  if (!context) throw invalidKubeconfig(paths, `has no context "${wanted}", which current-context names`);
  return {
    namespace: context.namespace ?? 'default',
    cluster: namedCluster(files, context.cluster, { paths, context: wanted }),
    user: context.user
      ? namedUser(files, context.user, { paths, context: wanted })
      : { path: paths, value: {}, name: '' },
  };
}

type Place = { readonly paths: string; readonly context: string };

function namedCluster(files: readonly KubeconfigFile[], name: string, place: Place): Entry<KubeconfigCluster> {
  const found = find(files, 'clusters', name);
  if (!found) throw invalidKubeconfig(place.paths, `has no cluster "${name}", which context "${place.context}" names`);
  return { path: found.path, value: found.entry.cluster };
}

function namedUser(files: readonly KubeconfigFile[], name: string, place: Place): NamedEntry<KubeconfigUser> {
  const found = find(files, 'users', name);
  if (!found) throw invalidKubeconfig(place.paths, `has no user "${name}", which context "${place.context}" names`);
  const value = found.entry.user ?? {};
  if (value['auth-provider'] !== undefined) {
    // Gone from kubectl, too, since Kubernetes 1.26. Going on without it would act as somebody else.
    const remedy = 'use a credential plugin ("exec")';
    throw invalidKubeconfig(found.path, `uses "auth-provider" for user "${name}", which is not supported: ${remedy}`);
  }
  return { path: found.path, value, name };
}

interface Login {
  readonly cluster: KubeconfigCluster;
  readonly user: NamedEntry<KubeconfigUser>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function loginOf({ cluster, user, env }: Login): Promise<ExecCredential> {
  const { exec } = user.value;
  return exec ? execCredential({ exec, path: user.path, user: user.name, cluster, env }) : {};
}

function find<Section extends 'clusters' | 'contexts' | 'users'>(
  files: readonly KubeconfigFile[],
  section: Section,
  name: string,
): { path: string; entry: NonNullable<Kubeconfig[Section]>[number] } | undefined {
  for (const { path, config } of files) {
    const entry = config[section]?.find((candidate) => candidate.name === name);
    if (entry) return { path, entry };
  }
  return undefined;
}

async function serverTrust(cluster: KubeconfigCluster, path: string): Promise<ClusterAccess['tls']> {
  const ca = await inlineOrFile(cluster['certificate-authority-data'], cluster['certificate-authority'], path);
  const servername = cluster['tls-server-name'];
  return {
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
    ...(ca === undefined ? {} : { ca }),
    ...(servername === undefined ? {} : { servername }),
  };
}

async function clientCertificate(user: KubeconfigUser, path: string): Promise<{ cert?: string; key?: string }> {
  const cert = await inlineOrFile(user['client-certificate-data'], user['client-certificate'], path);
  const key = await inlineOrFile(user['client-key-data'], user['client-key'], path);
  return { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
}

function tokenSource(user: KubeconfigUser, path: string): Pick<ClusterAccess, 'token'> {
  if (user.tokenFile) return { token: tokenFromFile(resolve(dirname(path), user.tokenFile)) };
  const token = user.token;
  return token ? { token: async () => token } : {};
}

/** The API server takes no passwords, but a proxy before it may. */
function passwordHeader({ username, password = '' }: KubeconfigUser): ClusterAccess['headers'] {
  if (!username) return {};
  return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function impersonationHeaders(user: KubeconfigUser): ClusterAccess['headers'] {
  const headers: Record<string, string | readonly string[]> = {};
  if (user.as) headers['Impersonate-User'] = user.as;
  if (user['as-uid']) headers['Impersonate-Uid'] = user['as-uid'];
  if (user['as-groups']?.length) headers['Impersonate-Group'] = user['as-groups'];
  for (const [key, values] of Object.entries(user['as-user-extra'] ?? {})) {
    headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = values;
  }
  return headers;
}

/** Paths in a kubeconfig are relative to it. */
async function inlineOrFile(
  data: string | undefined,
  file: string | undefined,
  kubeconfigPath: string,
): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  if (!file) return undefined;
  try {
    return await readFile(resolve(dirname(kubeconfigPath), file), 'utf8');
  } catch (error) {
    throw invalidKubeconfig(kubeconfigPath, `names a file that could not be read: ${errorMessage(error)}`, error);
  }
}
