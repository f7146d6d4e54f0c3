import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execCredential } from './exec-credential.ts';
import type { KubeconfigExec } from './kubeconfig-file.ts';

const apiVersion = 'client.authentication.k8s.io/v1';

describe('a credential plugin', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'exec-credential-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  /** A plugin that runs `body`, in a file beside the kubeconfig. */
  async function login(body: string, exec: Partial<KubeconfigExec> = {}) {
    await writeFile(join(directory, 'plugin'), `#!/bin/sh\n${body}\n`);
    await chmod(join(directory, 'plugin'), 0o755);
    return execCredential({
      exec: { apiVersion, command: './plugin', ...exec },
      path: join(directory, 'config'),
      user: 'ada',
      cluster: { server: 'https://kube.example:6443', 'certificate-authority-data': 'Q0E=' },
      env: { PATH: process.env['PATH'], COUNT_FILE: join(directory, 'count') },
    });
  }

  const answer = (status: object) => `echo '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;
  const counted = (expirationTimestamp: string) => `
    echo x >> "$COUNT_FILE"
    echo '{"kind":"ExecCredential","status":{"token":"T'$(wc -l < "$COUNT_FILE" | tr -d ' ')'","expirationTimestamp":"${expirationTimestamp}"}}'`;

  it('gives a token, and is asked again only when that is refused', async () => {
    const { token } = await login(counted('2999-01-01T00:00:00Z'));
    await expect(token?.({ refresh: false })).resolves.toBe('T1');
    await expect(token?.({ refresh: false })).resolves.toBe('T1');
    await expect(token?.({ refresh: true })).resolves.toBe('T2');
    await expect(token?.({ refresh: false })).resolves.toBe('T2');
  });

  it('is asked again when the token ends', async () => {
    const { token } = await login(counted(new Date().toISOString()));
    await expect(token?.({ refresh: false })).resolves.toBe('T2');
  });

  it('gives a client certificate', async () => {
    const credential = await login(answer({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }));
    expect(credential).toEqual({ cert: 'CERT', key: 'KEY' });
  });

  it('gets parameters, variables and, when it wants to, the cluster', async () => {
    const body = `echo "{\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"$1-$ROLE-$(echo "$KUBERNETES_EXEC_INFO" | tr -d '"{}')\\"}}"`;
    const exec = { args: ['get-token'], env: [{ name: 'ROLE', value: 'viewer' }], provideClusterInfo: true };
    const { token } = await login(body, exec);
    const text = (await token?.({ refresh: false })) ?? '';
    expect(text).toMatch(/^get-token-viewer-apiVersion:client\.authentication\.k8s\.io\/v1,kind:ExecCredential/);
    expect(text).toContain('server:https://kube.example:6443');
    expect(text).toContain('certificate-authority-data:Q0E=');
  });

  it.each([
    ['fails', 'exit 3', 'failed (it ended with 3): brew install it'],
    ['answers with something else', 'echo hello', 'did not answer with an ExecCredential'],
    ['gives nothing', answer({}), 'gave neither a token nor a certificate'],
  ])('that %s is named in the error', async (_, body, message) => {
    await expect(login(body, { installHint: 'brew install it' })).rejects.toMatchObject({
      code: 'AW_KUBECONFIG_INVALID',
      message: expect.stringContaining(`logs user "ada" in through "./plugin", which ${message}`),
    });
  });

  it('that is not installed is named in the error', async () => {
    await expect(login('', { command: 'no-such-plugin-of-autoweave' })).rejects.toThrow(/ENOENT/);
  });
});
