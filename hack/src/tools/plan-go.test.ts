import { describe, expect, it } from 'vitest';
import { planGo, toolchainModule } from './plan-go.ts';

describe('getting a Go that is new enough', () => {
  it('lets a Go that fetches toolchains do so', () => {
    expect(planGo({ path: '/go', version: [1, 26, 8] })).toEqual({ kind: 'use', path: '/go' });
    expect(planGo({ path: '/go', version: [1, 21, 0] })).toEqual({ kind: 'use', path: '/go' });
  });

  it('gets the toolchain as a module with an older one', () => {
    expect(planGo({ path: '/go', version: [1, 19, 8] })).toEqual({ kind: 'toolchain-module', path: '/go' });
  });

  it('installs one where there is none', () => {
    expect(planGo(undefined)).toEqual({ kind: 'install' });
  });

  it('names the toolchain for the machine', () => {
    expect(toolchainModule({ system: 'linux', architecture: 'arm64' })).toMatch(
      /^golang\.org\/toolchain@v0\.0\.1-go1\.\d+\.\d+\.linux-arm64$/,
    );
  });
});
