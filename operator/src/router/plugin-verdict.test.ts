import type { AutoWeavePlugin } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { pluginVerdict } from './plugin-verdict.ts';

const job = { plugin: { namespace: 'default', name: 'p' }, pluginUid: 'u', deviceName: 'd' };
const limits = { memoryMegabytes: 64, timeoutSeconds: 5 };
const bundle = { name: 'p', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` };

interface Sample {
  readonly metadata?: Partial<AutoWeavePlugin['metadata']>;
  readonly spec?: Partial<AutoWeavePlugin['spec']>;
  readonly status?: AutoWeavePlugin['status'];
}

function plugin({ metadata, spec, status }: Sample = {}): AutoWeavePlugin {
  return {
    apiVersion: 'autoweave.dev/v1alpha1',
    kind: 'AutoWeavePlugin',
    metadata: { name: 'p', namespace: 'default', uid: 'u', generation: 2, ...metadata },
    spec: { source: {}, ...spec },
    status: { phase: 'Running', observedGeneration: 2, bundle, limits, permissions: {}, ...status },
  };
}

const verdict = (object: AutoWeavePlugin | undefined) => pluginVerdict(job, object, () => ['a']);

describe('what becomes of the jobs of a plugin', () => {
  it('they run with the revision that was checked, within its limits', () => {
    expect(verdict(plugin())).toEqual({
      state: 'ready',
      revision: { uid: 'u', runtime: 'Thread', bundleDigest: bundle.digest, ...limits },
      isAnywhere: false,
    });
  });

  it('they go to its pods when those are anywhere, or no device says where', () => {
    const anywhere = plugin({ spec: { runtime: 'Pod', placement: { nodes: 'Any' } } });
    expect(verdict(anywhere)).toMatchObject({ isAnywhere: true, nodes: ['a'] });
    const { deviceName: _deviceName, ...free } = job;
    expect(pluginVerdict(free, plugin(), () => ['a'])).toMatchObject({ isAnywhere: false, nodes: ['a'] });
  });

  it('they wait while it is new, or while a change of it is being checked', () => {
    const { status: _status, ...unseen } = plugin();
    expect(verdict(unseen)).toEqual({ state: 'pending' });
    expect(verdict(plugin({ metadata: { generation: 3 } }))).toEqual({ state: 'pending' });
  });

  it('they fail when it is gone, suspended, or another of the same name', () => {
    const gone = { state: 'refused', code: 'AW_PLUGIN_GONE' };
    expect(verdict(undefined)).toMatchObject(gone);
    expect(verdict(plugin({ metadata: { uid: 'another' } }))).toMatchObject(gone);
    expect(verdict(plugin({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }))).toMatchObject(gone);
    expect(verdict(plugin({ spec: { suspend: true } }))).toMatchObject({
      ...gone,
      message: 'plugin default/p is suspended',
    });
  });

  it('they fail with the code of its condition when it may not run', () => {
    const ready = { type: 'Ready', status: 'False', reason: 'DigestMismatch', lastTransitionTime: '' } as const;
    const rejected = (message: string): AutoWeavePlugin =>
      plugin({ status: { phase: 'Rejected', observedGeneration: 2, conditions: [{ ...ready, message }] } });
    expect(verdict(rejected('AW_DIGEST_MISMATCH: index.js is not what the manifest lists'))).toMatchObject({
      state: 'refused',
      code: 'AW_DIGEST_MISMATCH',
    });
    expect(verdict(rejected('no code here'))).toMatchObject({ state: 'refused', code: 'AW_PLUGIN_NOT_PERMITTED' });
  });
});
