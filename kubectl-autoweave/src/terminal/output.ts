import type { Writable } from 'node:stream';
import { lineText } from './safe-text.ts';

/** Who reads our output went away: nobody is left to tell anything. */
export class BrokenPipeError extends Error {
  override readonly name = 'BrokenPipeError';
}

export interface OutputOptions {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly colours: boolean;
  /** Called once, when standard output breaks. */
  readonly onBroken: (error: Error) => void;
}

/** Standard output and standard error, written at the pace of their readers. */
export class Output {
  readonly colours: boolean;
  readonly #stdout: Writable;
  readonly #stderr: Writable;
  #broken: Error | undefined;

  constructor({ stdout, stderr, colours, onBroken }: OutputOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.colours = colours;
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#broken ??= error.code === 'EPIPE' ? new BrokenPipeError('standard output was closed') : error;
      onBroken(this.#broken);
    });
    // There is no place left to report it to.
    stderr.on('error', () => undefined);
  }

  /** @throws BrokenPipeError when the reader went away. */
  async write(text: string): Promise<void> {
    this.#throwIfBroken();
    if (text === '') return;
    // The error handler above keeps the error; here it only ends the wait.
    await new Promise<void>((resolve) => this.#stdout.write(text, () => resolve()));
    this.#throwIfBroken();
  }

  /** Many lines in a few writes. */
  async writeLines(lines: Iterable<string>): Promise<void> {
    let chunk = '';
    for (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < chunkLength) continue;
      await this.write(chunk);
      chunk = '';
    }
    await this.write(chunk);
  }

  #throwIfBroken(): void {
    const error = this.#broken;
    if (error !== undefined) throw error;
  }

  /** A line for people, beside the output. */
  note(text: string): void {
    this.#stderr.write(`${lineText(text)}\n`);
  }
}

const chunkLength = 16_384;
