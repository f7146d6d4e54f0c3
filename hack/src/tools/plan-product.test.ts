import { describe, expect, it } from 'vitest';
import { type Candidate, planProduct } from './plan-product.ts';
import { kwok } from './cluster-products.ts';
import { kubernetes } from './products.ts';
import type { Version } from './version.ts';

const linux = { system: 'linux', architecture: 'amd64' } as const;

function candidate(origin: string, version: Version | undefined): Candidate<'kube-apiserver' | 'kubectl'> {
  const found = (tool: string): { path: string; version: Version | undefined } => ({
    path: `/${origin}/${tool}`,
    version,
  });
  return { origin, tools: { 'kube-apiserver': found('kube-apiserver'), kubectl: found('kubectl') } };
}

describe('getting the tools of a product', () => {
  it('uses the first place that has them, new enough', () => {
    const places = [candidate('PATH', [1, 33, 9]), candidate('cache', [1, 34, 0]), candidate('later', [1, 36, 3])];
    expect(planProduct(kubernetes, places, linux)).toEqual({
      kind: 'use',
      origin: 'cache',
      paths: { 'kube-apiserver': '/cache/kube-apiserver', kubectl: '/cache/kubectl' },
    });
  });

  it('does not take one tool from here and the other from there', () => {
    const partly = { origin: 'PATH', tools: { kubectl: { path: '/PATH/kubectl', version: [1, 36, 0] as const } } };
    const plan = planProduct(kubernetes, [partly, candidate('cache', [1, 36, 3])], linux);
    expect(plan).toMatchObject({ kind: 'use', origin: 'cache' });
  });

  it('downloads, and builds when that fails; tells why nothing that is there would do', () => {
    const places = [candidate('KUBEBUILDER_ASSETS', [1, 31, 0]), candidate('PATH', undefined)];
    expect(planProduct(kubernetes, [...places, { origin: 'cache', tools: {} }], linux)).toEqual({
      kind: 'get',
      attempts: ['download', 'build'],
      rejected: [
        'KUBEBUILDER_ASSETS: /KUBEBUILDER_ASSETS/kube-apiserver is 1.31.0, older than 1.34.0, ' +
          '/KUBEBUILDER_ASSETS/kubectl is 1.31.0, older than 1.34.0',
        'PATH: /PATH/kube-apiserver does not tell its version, /PATH/kubectl does not tell its version',
        'cache: no kube-apiserver, no kubectl',
      ],
    });
  });

  it('builds at once where nothing is released', () => {
    const plan = planProduct(kubernetes, [], { system: 'darwin', architecture: 'arm64' });
    expect(plan).toMatchObject({ kind: 'get', attempts: ['build'] });
  });

  it('builds what nobody releases', () => {
    expect(planProduct(kwok, [{ origin: 'cache', tools: {} }], linux)).toMatchObject({ attempts: ['build'] });
  });
});
