import { describe, expect, it } from 'vitest';
import { permissionFault } from './permission.ts';
import { pluginLimits } from './plugin-limits.ts';
import { testRunnerPods } from '../../workloads/testing/test-runner-pods.ts';
import { samplePlugin, samplePolicy } from './testing/sample-plugin.ts';

describe('an unsigned plugin', () => {
  it('runs where the policy allows it', () => {
    const plugin = samplePlugin();
    expect(permissionFault(plugin, samplePolicy({ allowUnsigned: [{ namespace: 'lab' }] }), undefined)).toBeUndefined();
    expect(permissionFault(plugin, samplePolicy({ allowUnsigned: [{ namespace: '*' }] }), undefined)).toBeUndefined();
  });

  it.each([
    ['there is no policy', undefined, 'there is no AutoWeavePolicy default'],
    ['the policy says nothing', samplePolicy(), 'namespace lab is not in spec.plugins.allowUnsigned'],
    [
      'the policy allows other namespaces',
      samplePolicy({ allowUnsigned: [{ namespace: 'la' }, { namespace: 'labs' }] }),
      'namespace lab is not in spec.plugins.allowUnsigned',
    ],
  ])('does not run when %s', (_name, policy, message) => {
    expect(permissionFault(samplePlugin(), policy, undefined)).toEqual({
      code: 'AW_PLUGIN_NOT_PERMITTED',
      message: expect.stringContaining(message),
    });
  });

  it('does not run with less isolation than it asks for', () => {
    const everything = samplePolicy({ allowUnsigned: [{ namespace: '*' }] });
    const plugin = samplePlugin({ runtime: 'Pod' });
    expect(permissionFault(plugin, everything, undefined)?.code).toBe('AW_RUNTIME_UNSUPPORTED');
    expect(permissionFault(plugin, everything, testRunnerPods())).toBeUndefined();
  });

  it.each(['Thread', 'Pod'] as const)('of runtime %s does not run where it may not have pods', (runtime) => {
    const everything = samplePolicy({ allowUnsigned: [{ namespace: '*' }] });
    const fault = (...namespaces: string[]) =>
      permissionFault(samplePlugin({ runtime }), everything, testRunnerPods({ namespaces }));
    expect(fault('lab', 'other')).toBeUndefined();
    expect(fault('autoweave-plugins', 'other')).toEqual({
      code: 'AW_NAMESPACE_NOT_ALLOWED',
      message: 'plugins may have pods in autoweave-plugins, other, and namespace lab is none of them',
    });
  });
});

describe('limits of a plugin', () => {
  it.each([
    ['Low', 256],
    ['Medium', 128],
    ['High', 64],
  ] as const)('of level %s are %d MB by default', (securityLevel, memoryMegabytes) => {
    expect(pluginLimits(samplePlugin({ securityLevel }), undefined)).toEqual({ memoryMegabytes, timeoutSeconds: 30 });
  });

  it('are what the plugin asks for, as far as the policy goes', () => {
    const plugin = samplePlugin({ resources: { memoryMegabytes: 512, timeoutSeconds: 300 } });
    expect(pluginLimits(plugin, samplePolicy())).toEqual({ memoryMegabytes: 512, timeoutSeconds: 300 });
    expect(pluginLimits(plugin, samplePolicy({ maxMemoryMegabytes: 200, maxTimeoutSeconds: 60 }))).toEqual({
      memoryMegabytes: 200,
      timeoutSeconds: 60,
    });
    expect(pluginLimits(samplePlugin(), samplePolicy({ maxMemoryMegabytes: 32 })).memoryMegabytes).toBe(32);
  });
});
