import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/**
 * Reads one binary attribute. For attributes that the kernel serves from memory, without a lock: this never waits.
 * @throws the system's error (ENOENT, ENODEV, …) when the attribute or its device is gone.
 */
export function readAttribute(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    return readAll(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same for an attribute in text; empty when it is not there. */
export function readAttributeText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (isGone(error)) {
      return '';
    }
    throw error;
  }
}

/** The device, or this attribute of it, does not exist, or no longer. */
export function isGone(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'ENOENT' || code === 'ENODEV' || code === 'ENOTDIR' || code === 'ENXIO';
}

export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Binary attributes come a page at a time, so an end is an empty read, not a short one. */
function readAll(descriptor: number): Buffer {
  const pages: Buffer[] = [];
  for (;;) {
    const page = Buffer.allocUnsafe(4096);
    const length = readSync(descriptor, page, 0, page.length, -1);
    if (length === 0) {
      return pages.length === 1 ? (pages[0] ?? Buffer.alloc(0)) : Buffer.concat(pages);
    }
    pages.push(page.subarray(0, length));
  }
}
