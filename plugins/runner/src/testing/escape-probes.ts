/**
 * Attempts to get out of a sandbox, each the body of an async function of `job` and `context` that returns something
 * truthy when it got out. A test runs each of them unsandboxed, too, to prove that it can tell.
 */
export const escapeProbes: Readonly<Record<string, string>> = {
  'the process object': `return typeof process === 'object' && process.pid;`,
  require: `return typeof require === 'function' && require('node:os').hostname();`,
  'import of a module of Node': `return (await import('node:fs')).readFileSync('/proc/self/cmdline', 'utf8');`,
  'import of a data: URL': `return (await import('data:text/javascript,export default 1')).default;`,
  'direct eval': `return eval('process.pid');`,
  'indirect eval': `return (0, eval)('process.pid');`,
  'the Function constructor': `return new Function('return process.pid')();`,
  'the AsyncFunction constructor': `return await (async () => {}).constructor('return process.pid')();`,
  'the generator constructor': `return (function* () {}).constructor('yield process.pid')().next().value;`,
  'the constructor of the global object': `return globalThis.constructor.constructor('return process.pid')();`,
  'the constructor of the job': `return job.constructor.constructor('return process.pid')();`,
  'the constructor of the context': `return context.constructor.constructor('return process.pid')();`,
  'the constructor of a log method': `return context.log.info.constructor('return process.pid')();`,
  'the constructor of a console method': `return console.log.constructor('return process.pid')();`,
  'the constructor of a promise of the store': `return context.store.get('a').constructor.constructor('return process.pid')();`,
  'the constructor of a value of the store': `return (await context.store.list()).constructor.constructor('return process.pid')();`,
  'the constructor of an error of the store': `try { await context.store.get('refused'); } catch (error) {
    return error.constructor.constructor('return process.pid')(); }`,
  'an error of the host at the end of the stack': `let caught; const dive = () => { try { dive(); } catch {}
    try { context.log.info('x'); } catch (error) { caught ??= error; } }; dive();
    return (caught ?? {}).constructor.constructor('return process.pid')();`,
  'the resolve function of a thenable': `return { then(resolve) { resolve(resolve.constructor('return process.pid')()); } };`,
  'the receiver of toJSON': `return { toJSON() { return new.target ?? this.constructor.constructor('return process.pid')(); } };`,
  'the caller of a sloppy function': `const sloppy = new Function('f', 'return arguments.callee.caller');
    const caller = sloppy(); return caller && caller.constructor('return process.pid')();`,
  'functions in stack frames': `const before = Error.prepareStackTrace; try { Error.prepareStackTrace = (_, frames) => frames;
    return new Error().stack.some((frame) => frame.getFunction?.() ?? frame.getThis?.()); } finally { Error.prepareStackTrace = before; }`,
  'paths of the host in a stack': `Error.stackTraceLimit = 100; return /file:|node:|\\/(home|work|usr|root)\\//.test(new Error().stack);`,
  'paths of the host in an error of the store': `try { await context.store.get('refused'); } catch (error) {
    return /file:|node:/.test(error.stack); }`,
  'a walk over everything reachable': `const seen = new Set(); const queue = [globalThis, context, job];
    for (let at = 0; at < queue.length && at < 20000; at++) { const value = queue[at];
      if (typeof value?.dlopen === 'function' || typeof value?.applySync === 'function' || typeof value?.exit === 'function') return true;
      let keys = []; try { keys = Reflect.ownKeys(value); } catch {}
      for (const key of keys) { let next; try { next = value[key]; } catch {}
        if ((typeof next === 'object' || typeof next === 'function') && next !== null && !seen.has(next)) { seen.add(next); queue.push(next); } }
      const parent = Object.getPrototypeOf(value); if (parent && !seen.has(parent)) { seen.add(parent); queue.push(parent); } }`,
  'a timer': `return typeof setTimeout === 'function' && setTimeout;`,
  fetch: `return typeof fetch === 'function' && fetch;`,
  'a WebSocket': `return typeof WebSocket === 'function' && WebSocket;`,
  'Buffer, with the memory of others': `return typeof Buffer === 'function' && Buffer.allocUnsafe(1).length;`,
  'a message channel': `return typeof MessageChannel === 'function' && typeof BroadcastChannel === 'function';`,
  structuredClone: `return typeof structuredClone === 'function';`,
  'WebAssembly memory': `return new WebAssembly.Memory({ initial: 1, maximum: 9 }).grow(1);`,
  'a shared buffer': `return new SharedArrayBuffer(8).byteLength;`,
  'blocking the thread': `return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1) === 'timed-out';`,
  'a resizable buffer': `const b = new ArrayBuffer(1, { maxByteLength: 64 }); b.resize(64); return b.byteLength === 64;`,
  'a resizable buffer of a subclass': `class B extends ArrayBuffer {} return new B(1, { maxByteLength: 64 }).resizable;`,
  'a resizable buffer of the constructor of a buffer': `return new (new Uint8Array(1).buffer.constructor)(1, { maxByteLength: 64 }).resizable;`,
  'a resizable buffer of Reflect.construct': `return Reflect.construct(ArrayBuffer, [1, { maxByteLength: 64 }], Object).constructor
    && Reflect.construct(ArrayBuffer, [1, { maxByteLength: 64 }]).resizable;`,
  'a resizable buffer of the species': `return new (ArrayBuffer[Symbol.species])(1, { maxByteLength: 64 }).resizable;`,
  'replacing the log of later hooks': `const own = context.log.info; context.log.info = () => 'mine'; const got = context.log.info; context.log.info = own;
    return got() === 'mine';`,
};
