/**
 * Loaded before the main module of a process under test (`node --expose-gc --import heap-probe.ts`): on SIGUSR2 it
 * collects garbage and writes what is left, in bytes, to the file that AW_HEAP_FILE names.
 */
import { renameSync, writeFileSync } from 'node:fs';

const file = process.env['AW_HEAP_FILE'] ?? '';

process.on('SIGUSR2', () => {
  // Twice: what finalizers of the first let go of is collected by the second.
  globalThis.gc?.();
  setImmediate(() => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.new`, String(heapUsed + external));
    renameSync(`${file}.new`, file);
  });
});
