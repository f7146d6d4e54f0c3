import { type Informer, type KubeObject, objectKey } from '@autoweave/platform/kube';

/** Objects of informers by words that follow from each, kept up to date: no search over all of them for each event. */
export class ObjectIndex<T extends KubeObject> {
  readonly #wordsOf: (object: T) => readonly string[];
  readonly #objects = new Map<string, Map<string, T>>();

  /** To be made before whatever reads it when something changes: listeners are called in order. */
  constructor(informers: readonly Informer<T>[], wordsOf: (object: T) => readonly string[]) {
    this.#wordsOf = wordsOf;
    for (const informer of informers) {
      for (const object of informer.list()) this.#add(objectKey(object), object);
      informer.onChange((key, object, previous) => {
        if (previous !== undefined) this.#remove(key, previous);
        if (object !== undefined) this.#add(key, object);
      });
    }
  }

  get(word: string): readonly T[] {
    return [...(this.#objects.get(word)?.values() ?? [])];
  }

  #add(key: string, object: T): void {
    for (const word of this.#wordsOf(object)) {
      const found = this.#objects.get(word) ?? new Map<string, T>();
      this.#objects.set(word, found.set(key, object));
    }
  }

  #remove(key: string, object: T): void {
    for (const word of this.#wordsOf(object)) {
      const found = this.#objects.get(word);
      found?.delete(key);
      if (found?.size === 0) this.#objects.delete(word);
    }
  }
}
