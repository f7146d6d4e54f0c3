import { describe, expect, it } from 'vitest';
import { hintLines } from './hints.ts';
import { nodeNameOf } from './start-config.ts';

describe('the hints', () => {
  const hints = { kubeconfigPath: '/tmp/x/kubeconfig', kubectlDirectory: '/cache/bin' };

  it('tell how to reach the cluster', () => {
    expect(hintLines({ ...hints, searchPath: '/usr/bin:/cache/bin' })).toContain(
      '  export KUBECONFIG=/tmp/x/kubeconfig',
    );
  });

  it('tell where kubectl is only to those who do not have it', () => {
    expect(hintLines({ ...hints, searchPath: '/usr/bin:/cache/bin' }).join()).not.toContain('PATH=');
    expect(hintLines({ ...hints, searchPath: '/usr/bin' })).toContain('  export PATH="$PATH:/cache/bin"');
  });
});

describe('the name of this machine in the cluster', () => {
  it.each([
    ['vm', 'vm'],
    ['My_Laptop.local', 'my-laptop.local'],
    ['-_-', 'localhost'],
    ['', 'localhost'],
    [`${'a'.repeat(62)}.b`, 'a'.repeat(62)],
  ])('%j is %j', (host, name) => {
    expect(nodeNameOf(host)).toBe(name);
  });
});
