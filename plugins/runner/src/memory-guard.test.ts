import { describe, expect, it } from 'vitest';
import { allowedBytes, MemoryGuard } from './memory-guard.ts';
import type { HostedPlugin } from './plugin-host.ts';

const megabyte = 1024 * 1024;

function plugin(name: string, busy: boolean): HostedPlugin {
  const sandbox = { busy, load: async () => undefined, call: async () => undefined, stop: async () => undefined };
  return { plugin: { namespace: 'ns', name }, memoryMegabytes: 64, sandbox };
}

/** The name of the culprit, 'unknown', or undefined when all is well. */
function culpritOf(plugins: readonly HostedPlugin[], residentBytes: number): string | undefined {
  let found: string | undefined;
  const guard = new MemoryGuard({
    plugins: () => plugins,
    residentBytes: () => residentBytes,
    exceeded: (culprit) => (found = culprit?.plugin.name ?? 'unknown'),
  });
  guard.check();
  return found;
}

describe('the guard of the memory of a runner', () => {
  it('allows more with every plugin', () => {
    expect(allowedBytes([])).toBe(192 * megabyte);
    expect(allowedBytes([{ memoryMegabytes: 64 }, { memoryMegabytes: 100 }])).toBe((192 + 176 + 248) * megabyte);
  });

  it('names the plugin whose code runs when it is exceeded', () => {
    const plugins = [plugin('idle', false), plugin('runs', true)];
    expect(culpritOf(plugins, allowedBytes(plugins))).toBeUndefined();
    expect(culpritOf(plugins, allowedBytes(plugins) + 1)).toBe('runs');
  });

  it('accuses nobody when several run', () => {
    const plugins = [plugin('one', true), plugin('other', true)];
    expect(culpritOf(plugins, allowedBytes(plugins) + 1)).toBe('unknown');
  });

  it('does nothing when no code of a plugin runs', () => {
    expect(culpritOf([plugin('idle', false)], 100_000 * megabyte)).toBeUndefined();
  });
});
