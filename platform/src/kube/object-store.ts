import { deepFreeze } from '../deep-freeze.ts';
import type { KubeObject, WatchEvent } from './kube-object.ts';
import { objectKey } from './object-key.ts';

export interface ObjectChange<T> {
  readonly key: string;
  /** Undefined: it is gone. */
  readonly object: T | undefined;
  /** Undefined: it is new. */
  readonly previous: T | undefined;
}

/** What the server is known to hold: a list, brought forward by the events of a watch. */
export class ObjectStore<T extends KubeObject> {
  readonly #transform: (object: T) => T;
  #objects = new Map<string, T>();

  constructor(transform: (object: T) => T = (object) => object) {
    this.#transform = transform;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): T[] {
    return [...this.#objects.values()];
  }

  /** Makes an object as it came from the server fit to be kept. Done page by page, to let go of what is not kept. */
  prepare(object: T): T {
    // Often half of an object, and of use only to the server (the right of server-side apply).
    delete (object.metadata as { managedFields?: unknown }).managedFields;
    return deepFreeze(this.#transform(object));
  }

  /** Takes a whole list. What it lacks was deleted while nobody watched; what it holds unchanged is no change. */
  replace(items: readonly T[]): ObjectChange<T>[] {
    const changes: ObjectChange<T>[] = [];
    const next = new Map<string, T>();
    for (const item of items) {
      const key = objectKey(item);
      const previous = this.#objects.get(key);
      const same = previous !== undefined && previous.metadata.resourceVersion === item.metadata.resourceVersion;
      next.set(key, same ? previous : item);
      if (!same) changes.push({ key, object: item, previous });
    }
    for (const [key, previous] of this.#objects) {
      if (!next.has(key)) changes.push({ key, object: undefined, previous });
    }
    this.#objects = next;
    return changes;
  }

  /** @returns undefined when the event tells nothing new. */
  apply(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): ObjectChange<T> | undefined {
    const key = objectKey(event.object);
    const previous = this.#objects.get(key);
    if (event.type === 'DELETED') {
      return this.#objects.delete(key) ? { key, object: undefined, previous } : undefined;
    }
    if (previous?.metadata.resourceVersion === event.object.metadata.resourceVersion) return undefined;
    const object = this.prepare(event.object);
    this.#objects.set(key, object);
    return { key, object, previous };
  }
}
