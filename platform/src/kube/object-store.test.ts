import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from './kube-object.ts';
import { ObjectStore } from './object-store.ts';
import type { ObjectChange } from './object-store.ts';

const objectOf = (name: string, resourceVersion: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n', resourceVersion: String(resourceVersion) },
});

const versions = (objects: Iterable<KubeObject>) =>
  new Map([...objects].map(({ metadata }) => [metadata.name, metadata.resourceVersion]));

/** What a listener believes that did nothing but follow the changes. */
function follow(state: Map<string, KubeObject>, changes: readonly ObjectChange<KubeObject>[]): void {
  for (const { key, object, previous } of changes) {
    expect(state.get(key)).toBe(previous);
    if (object) state.set(key, object);
    else state.delete(key);
  }
}

describe('an object store', () => {
  it('tells each change once, over lists and events in any order', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('event' as const), name, deleted: fc.boolean() }),
      fc.record({ kind: fc.constant('list' as const), names: fc.uniqueArray(name), changed: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const store = new ObjectStore<KubeObject>();
        const server = new Map<string, KubeObject>();
        const listener = new Map<string, KubeObject>();
        let version = 0;
        for (const each of steps) {
          version += 1;
          if (each.kind === 'event') {
            const object = objectOf(each.name, version);
            if (each.deleted) server.delete(each.name);
            else server.set(each.name, object);
            const change = store.apply({ type: each.deleted ? 'DELETED' : 'MODIFIED', object });
            follow(listener, change ? [change] : []);
          } else {
            const kept = each.names.map(
              (known) => (each.changed ? undefined : server.get(known)) ?? objectOf(known, version),
            );
            server.clear();
            for (const object of kept) server.set(object.metadata.name, object);
            follow(listener, store.replace(kept));
          }
          expect(versions(store.values())).toEqual(versions(server.values()));
          expect(versions(listener.values())).toEqual(versions(server.values()));
        }
      }),
    );
  });

  it('says nothing about what a list confirms', () => {
    const store = new ObjectStore<KubeObject>();
    store.replace([objectOf('a', 1)]);
    expect(store.replace([objectOf('a', 1)])).toEqual([]);
    expect(store.apply({ type: 'ADDED', object: objectOf('a', 1) })).toBeUndefined();
    expect(store.apply({ type: 'DELETED', object: objectOf('b', 2) })).toBeUndefined();
  });

  it('drops managed fields, applies the transform and freezes the rest', () => {
    const store = new ObjectStore<KubeObject>((object) => ({ ...object, kind: 'Seen' }));
    const object = { ...objectOf('a', 1), metadata: { ...objectOf('a', 1).metadata, managedFields: [{}] } };
    const prepared = store.prepare(object);
    expect(prepared).toEqual({ ...objectOf('a', 1), kind: 'Seen' });
    expect(Object.isFrozen(prepared.metadata)).toBe(true);
  });
});
