import { describe, expect, it } from 'vitest';
import { builtinResources } from './builtin-resources.ts';
import { groupVersionOf, resourcePath } from './resource.ts';

const { configMap, lease, node } = builtinResources;

describe('the path of a resource', () => {
  it.each([
    [configMap, { namespace: 'a', name: 'b' }, '/api/v1/namespaces/a/configmaps/b'],
    [configMap, { namespace: 'a' }, '/api/v1/namespaces/a/configmaps'],
    [configMap, {}, '/api/v1/configmaps'],
    [lease, { namespace: 'a', name: 'b' }, '/apis/coordination.k8s.io/v1/namespaces/a/leases/b'],
    [node, { name: 'n', subresource: 'status' }, '/api/v1/nodes/n/status'],
    [node, { name: 'n', namespace: 'ignored' }, '/api/v1/nodes/n'],
  ])('of %o %o is %s', (resource, target, path) => {
    expect(resourcePath(resource, target)).toBe(path);
  });

  it('cannot be left by a name', () => {
    expect(resourcePath(node, { name: '../secrets' })).toBe('/api/v1/nodes/..%2Fsecrets');
  });

  it('of a namespaced object needs the namespace', () => {
    expect(() => resourcePath(configMap, { name: 'b' })).toThrow('ConfigMap b needs a namespace');
  });

  it('has a group version as in manifests', () => {
    expect(groupVersionOf(configMap)).toBe('v1');
    expect(groupVersionOf(lease)).toBe('coordination.k8s.io/v1');
  });
});
