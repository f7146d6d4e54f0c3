import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { errorMessage } from '../errors/index.ts';
import { invalidKubeconfig } from './kubeconfig-file.ts';
import type { KubeconfigCluster, KubeconfigExec } from './kubeconfig-file.ts';
import type { TokenSource } from './token-file.ts';

/** What a credential plugin gave. A certificate is for one load of the kubeconfig; a token is renewed. */
export interface ExecCredential {
  readonly token?: TokenSource;
  readonly cert?: string;
  readonly key?: string;
}

export interface ExecCredentialOptions {
  readonly exec: KubeconfigExec;
  /** The kubeconfig that names the plugin; a path with a slash is relative to it. */
  readonly path: string;
  /** Name of the user entry, for messages. */
  readonly user: string;
  readonly cluster: KubeconfigCluster;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const statusSchema = z.object({
  token: z.string().optional(),
  clientCertificateData: z.string().optional(),
  clientKeyData: z.string().optional(),
  expirationTimestamp: z.iso.datetime({ offset: true }).optional(),
});
const answerSchema = z.object({ kind: z.literal('ExecCredential'), status: statusSchema });

type Status = z.infer<typeof statusSchema>;

/** A token that ends within this time counts as ended: the request still has to arrive. */
const renewBeforeMilliseconds = 10_000;

/**
 * Logs in through the plugin that a kubeconfig names (client.authentication.k8s.io), as kubectl does.
 *
 * @throws AutoWeaveError AW_KUBECONFIG_INVALID when it cannot be run, fails, or answers with something else.
 */
export async function execCredential(options: ExecCredentialOptions): Promise<ExecCredential> {
  let status = await runPlugin(options);
  const { clientCertificateData: cert, clientKeyData: key } = status;
  const certificate = cert !== undefined && key !== undefined ? { cert, key } : {};
  if (status.token === undefined && cert === undefined)
    throw refusal(options, 'gave neither a token nor a certificate');
  if (status.token === undefined) return certificate;
  const token: TokenSource = async ({ refresh }) => {
    if (refresh || isEnding(status)) status = await runPlugin(options);
    return status.token ?? '';
  };
  return { ...certificate, token };
}

function isEnding({ expirationTimestamp }: Status): boolean {
  return expirationTimestamp !== undefined && Date.parse(expirationTimestamp) - Date.now() < renewBeforeMilliseconds;
}

async function runPlugin(options: ExecCredentialOptions): Promise<Status> {
  const { exec, path } = options;
  const command = exec.command.includes('/') ? resolve(dirname(path), exec.command) : exec.command;
  const interactive = exec.interactiveMode !== 'Never' && process.stdin.isTTY;
  const environment = {
    ...options.env,
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(options, interactive)),
  };
  let output: string;
  try {
    output = await standardOutput(command, exec.args ?? [], { environment, interactive });
  } catch (error) {
    const hint = exec.installHint ? `: ${exec.installHint}` : '';
    throw refusal(options, `failed (${errorMessage(error)})${hint}`, error);
  }
  const answer = answerSchema.safeParse(parseJson(output));
  if (!answer.success) throw refusal(options, 'did not answer with an ExecCredential');
  return answer.data.status;
}

function execInfo({ exec, cluster }: ExecCredentialOptions, interactive: boolean): object {
  const { server, 'certificate-authority-data': authority, 'tls-server-name': serverName } = cluster;
  const described = {
    server,
    'tls-server-name': serverName,
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': authority,
    'proxy-url': cluster['proxy-url'],
  };
  const spec = { interactive, ...(exec.provideClusterInfo ? { cluster: described } : {}) };
  return { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec };
}

/** The plugin may talk to the user through standard error, and through standard input when there is a terminal. */
function standardOutput(
  command: string,
  parameters: readonly string[],
  { environment, interactive }: { environment: NodeJS.ProcessEnv; interactive: boolean },
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, parameters, {
      env: environment,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', fail);
    child.once('close', (code, signal) => {
      if (code === 0) done(Buffer.concat(chunks).toString('utf8'));
      else fail(new Error(`it ended with ${code ?? signal ?? 'an unknown status'}`));
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal({ exec, path, user }: ExecCredentialOptions, what: string, cause?: unknown): Error {
  return invalidKubeconfig(path, `logs user "${user}" in through "${exec.command}", which ${what}`, cause);
}
