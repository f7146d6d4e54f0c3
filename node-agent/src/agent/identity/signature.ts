import { createHash } from 'node:crypto';

/**
 * First 16 hex digits of SHA-256 over the fields, each behind its length in bytes (4, big endian): however the bytes of
 * a device are cut into fields, no two lists of fields are the same input.
 */
export function signature(fields: readonly string[]): string {
  const hash = createHash('sha256');
  for (const field of fields) {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}
