import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listContexts, loadKubeconfig } from './kubeconfig.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

const kubeconfig = (parts: { cluster?: object; user?: object; context?: object; rest?: object }) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server: 'https://kube.example:6443/base', ...parts.cluster } }],
    users: [{ name: 'u', user: parts.user ?? {} }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', ...parts.context } }],
    ...parts.rest,
  });

describe('a kubeconfig', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  async function file(name: string, text: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  }

  const load = async (parts: Parameters<typeof kubeconfig>[0]) =>
    loadKubeconfig(await file('config', kubeconfig(parts)));

  it('names server, trust and client certificate inline', async () => {
    const access = await load({
      cluster: { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'other' },
      user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      context: { namespace: 'mine' },
    });
    expect(access.server.href).toBe('https://kube.example:6443/base');
    expect(access.tls).toEqual({ ca: 'CA', servername: 'other', cert: 'CERT', key: 'KEY', rejectUnauthorized: true });
    expect(access.namespace).toBe('mine');
    expect(access.token).toBeUndefined();
  });

  it('names files relative to itself', async () => {
    await file('ca.pem', 'CA');
    await file('token', ' T \n');
    const access = await load({ cluster: { 'certificate-authority': 'ca.pem' }, user: { tokenFile: 'token' } });
    expect(access.tls.ca).toBe('CA');
    await expect(access.token?.({ refresh: false })).resolves.toBe('T');
    expect(access.namespace).toBe('default');
  });

  it('may say that the server is not to be verified', async () => {
    const access = await load({ cluster: { 'insecure-skip-tls-verify': true } });
    expect(access.tls.rejectUnauthorized).toBe(false);
  });

  it('may hold a token', async () => {
    const access = await load({ user: { token: 'T' } });
    await expect(access.token?.({ refresh: true })).resolves.toBe('T');
  });

  it('may say whom to act as', async () => {
    const user = {
      as: 'agent',
      'as-groups': ['g', 'h'],
      'as-user-extra': { 'authentication.kubernetes.io/node-name': ['n'] },
    };
    expect((await load({ user })).headers).toEqual({
      'Impersonate-User': 'agent',
      'Impersonate-Group': ['g', 'h'],
      'Impersonate-Extra-authentication.kubernetes.io%2Fnode-name': ['n'],
    });
  });

  it('may be divided over several files, of which the first that says something counts', async () => {
    const first = await file('first', JSON.stringify({ users: [{ name: 'u', user: { token: 'FIRST' } }] }));
    const second = await file('second', kubeconfig({ user: { token: 'SECOND' } }));
    const access = await loadKubeconfig([first, join(directory, 'missing'), second].join(delimiter));
    await expect(access.token?.({ refresh: false })).resolves.toBe('FIRST');
    expect(access.server.hostname).toBe('kube.example');
  });

  it('may hold a password, for a proxy before the API server', async () => {
    expect((await load({ user: { username: 'ada', password: 'pässword' } })).headers).toEqual({
      Authorization: `Basic ${base64('ada:pässword')}`,
    });
  });

  it('may name a proxy, which wins over that of the environment', async () => {
    const env = { HTTPS_PROXY: 'http://environment.example:3128' };
    const path = await file('config', kubeconfig({}));
    expect((await loadKubeconfig(path, { env })).proxy?.href).toBe('http://environment.example:3128/');
    const named = await file('named', kubeconfig({ cluster: { 'proxy-url': 'socks5://localhost:1080' } }));
    expect((await loadKubeconfig(named, { env })).proxy?.href).toBe('socks5://localhost:1080');
  });

  it('may have contexts to choose from', async () => {
    const contexts = [
      { name: 'here', context: { cluster: 'c', user: 'u' } },
      { name: 'there', context: { cluster: 'c', user: 'u', namespace: 'far' } },
    ];
    const path = await file('config', kubeconfig({ rest: { contexts } }));
    expect((await loadKubeconfig(path, { context: 'there' })).namespace).toBe('far');
    expect(await listContexts(path)).toEqual(['here', 'there']);
    await expect(loadKubeconfig(path, { context: 'nowhere' })).rejects.toMatchObject({
      code: 'AW_CONTEXT_UNKNOWN',
      field: '--context',
      value: 'nowhere',
      message: expect.stringContaining(path),
    });
  });

  it.each([
    [
      'names a plugin of an unknown version',
      { user: { exec: { command: 'aws', apiVersion: 'v0' } } },
      /exec\.apiVersion/,
    ],
    ['uses an auth provider', { user: { 'auth-provider': { name: 'oidc' } } }, /"auth-provider" for user "u"/],
    ['needs a proxy of an unknown kind', { cluster: { 'proxy-url': 'ftp://p' } }, /clusters\.0\.cluster\.proxy-url/],
    ['has no server', { cluster: { server: undefined } }, /clusters\.0\.cluster\.server/],
    ['has a server that is no URL', { cluster: { server: 'kube:6443' } }, /clusters\.0\.cluster\.server/],
    ['names a missing cluster', { context: { cluster: 'x' } }, /no cluster "x", which context "here" names/],
    ['names a missing user', { context: { user: 'x' } }, /no user "x", which context "here" names/],
    ['names a missing context', { rest: { 'current-context': 'x' } }, /no context "x"/],
    ['has no context', { rest: { 'current-context': '' } }, /no current-context/],
    ['names a missing file', { user: { 'client-key': 'nowhere.pem' } }, /nowhere\.pem/],
  ])('that %s is refused with the place', async (_, parts, message) => {
    await expect(load(parts)).rejects.toMatchObject({
      code: 'AW_KUBECONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['is missing', undefined],
    ['is no YAML', '{'],
    ['is no mapping', '3'],
    ['is empty', ''],
  ])('that %s is refused', async (_, text) => {
    const path = text === undefined ? join(directory, 'none') : await file('config', text);
    await expect(loadKubeconfig(path)).rejects.toMatchObject({
      code: 'AW_KUBECONFIG_INVALID',
      message: expect.stringContaining(path),
    });
  });
});
