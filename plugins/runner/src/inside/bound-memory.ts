/**
 * Takes away what allocates memory that the limit of the isolate does not count: WebAssembly memories, shared and
 * resizable buffers (isolated-vm 7.0.1 counts V8's heap and its array buffer allocator; a resizable buffer bypasses
 * the latter). Atomics goes with them: all it adds is a way to block the thread.
 */
export function boundMemory(): void {
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics']) Reflect.deleteProperty(globalThis, name);
  const Native = ArrayBuffer;
  function FixedArrayBuffer(this: unknown, length?: number): unknown {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    return Reflect.construct(Native, [length], new.target);
  }
  const fixed = FixedArrayBuffer as unknown as ArrayBufferConstructor;
  define(fixed, 'prototype', Native.prototype);
  define(fixed, 'name', 'ArrayBuffer');
  define(fixed, 'isView', (value: unknown) => Native.isView(value));
  Object.defineProperty(fixed, Symbol.species, { get: () => fixed });
  define(Native.prototype, 'constructor', fixed);
  Reflect.deleteProperty(Native.prototype, 'resize');
  define(globalThis, 'ArrayBuffer', fixed);
}

function define(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: false, enumerable: false });
}
