import { KubeConnectionError } from './kube-error.ts';

const newline = 0x0a;

/**
 * Splits a byte stream into lines without their ends; empty lines are left out. Bytes are decoded a whole line at a
 * time, so that a character divided between two chunks stays whole. A last line without an end was cut off, and is
 * not yielded.
 *
 * @throws KubeConnectionError when a line is longer than `maximumBytes`: the peer is no API server.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, maximumBytes: number): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending).toString('utf8').trim();
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line !== '') yield line;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > maximumBytes) throw new KubeConnectionError(`A line was longer than ${maximumBytes} bytes`);
  }
}
