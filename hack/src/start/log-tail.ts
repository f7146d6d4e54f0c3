import { open } from 'node:fs/promises';

const tailBytes = 16 * 1024;

/** The last lines of a file that may be large; empty when there is none. */
export async function logTail(path: string, lines = 12): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(tailBytes), position: start });
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
