import { describe, expect, it } from 'vitest';
import { proxyFromEnvironment } from './proxy-from-environment.ts';

const proxy = 'http://proxy.example:3128';
const find = (server: string, env: Record<string, string>) => proxyFromEnvironment(new URL(server), env);

describe('the proxy of the environment', () => {
  it('is HTTPS_PROXY for https, HTTP_PROXY for http, in either case of letters', () => {
    expect(find('https://kube.example', { HTTPS_PROXY: proxy })).toBe(proxy);
    expect(find('https://kube.example', { https_proxy: 'proxy.example:3128' })).toBe(proxy);
    expect(find('https://kube.example', { HTTP_PROXY: proxy })).toBeUndefined();
    expect(find('http://kube.example', { HTTP_PROXY: proxy })).toBe(proxy);
  });

  it.each(['https://localhost:6443', 'https://127.0.0.1:6443', 'https://127.9.9.9', 'https://[::1]:6443'])(
    'is not used for this machine: %s',
    (server) => {
      expect(find(server, { HTTPS_PROXY: proxy })).toBeUndefined();
    },
  );

  it.each([
    ['*', 'https://kube.example'],
    ['other.example, kube.example', 'https://kube.example'],
    ['KUBE.example', 'https://kube.example'],
    ['example', 'https://kube.example'],
    ['.example', 'https://kube.example'],
    ['*.example', 'https://kube.example'],
    ['kube.example:6443', 'https://kube.example:6443'],
    ['10.0.0.1', 'https://10.0.0.1:6443'],
    ['10.0.0.1:443', 'https://10.0.0.1'],
    ['10.0.0.0/8', 'https://10.1.2.3:6443'],
    ['fd00::/8', 'https://[fd00::1]:6443'],
  ])('is not used where NO_PROXY is %s: %s', (exceptions, server) => {
    expect(find(server, { HTTPS_PROXY: proxy, NO_PROXY: exceptions })).toBeUndefined();
  });

  it.each([
    ['', 'https://kube.example'],
    [',', 'https://kube.example'],
    ['be.example', 'https://kube.example'],
    ['.kube.example', 'https://kube.example'],
    ['kube.example:443', 'https://kube.example:6443'],
    ['10.0.0.0/8', 'https://11.1.2.3'],
    ['10.0.0.0/99', 'https://10.1.2.3'],
    ['10.0.0.0/x', 'https://10.1.2.3'],
    ['fd00::/8', 'https://10.1.2.3'],
  ])('is used although NO_PROXY is "%s": %s', (exceptions, server) => {
    expect(find(server, { HTTPS_PROXY: proxy, NO_PROXY: exceptions })).toBe(proxy);
  });
});
