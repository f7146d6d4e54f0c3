/**
 * Cuts a byte stream into lines of UTF-8, whatever the chunks. Holds at most one line. The newline ends a line and is
 * no part of it; empty lines are left out.
 */
export class LineSplitter {
  /** Of one line, without its newline. */
  maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * @returns the lines that the chunk completes.
   * @throws RangeError when a line is too long, also before its end came. Nothing can follow on that stream.
   */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#take(chunk.subarray(start, end));
      if (this.#bytes > 0) lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#bytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) this.#take(chunk.subarray(start));
    return lines;
  }

  #take(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.maxBytes) throw new RangeError(`A line is longer than ${this.maxBytes} bytes`);
    this.#parts.push(part);
  }
}
