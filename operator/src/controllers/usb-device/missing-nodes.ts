/** Since when nodes have no UsbNode, as far as it was noticed here. */
export class MissingNodes {
  readonly #exists: (nodeName: string) => boolean;
  readonly #since = new Map<string, number>();

  constructor(exists: (nodeName: string) => boolean) {
    this.#exists = exists;
  }

  /** Milliseconds since 1970; undefined when the node has a UsbNode. */
  since(nodeName: string, now: number): number | undefined {
    if (this.#exists(nodeName)) {
      this.#since.delete(nodeName);
      return undefined;
    }
    const known = this.#since.get(nodeName);
    if (known === undefined) this.#since.set(nodeName, now);
    return known ?? now;
  }
}
