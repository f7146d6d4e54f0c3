/** Tells what takes long, while it does. */
export interface Progress {
  /** Runs `work`; says `label` when it takes longer than a moment, then how long it takes. */
  during<T>(label: string, work: (tell: (detail: string) => void) => Promise<T>): Promise<T>;
  /** One line, now. */
  note(line: string): void;
}

const quietMilliseconds = 2_000;
const repeatMilliseconds = 10_000;

/** Writes whole lines, which read well in a terminal and in a CI log alike. */
export function terminalProgress(output: { write(text: string): unknown }): Progress {
  return {
    note: (line) => void output.write(`${line}\n`),
    during: async (label, work) => {
      const startedAt = Date.now();
      let detail = '';
      let told = false;
      const seconds = (): number => Math.round((Date.now() - startedAt) / 1000);
      const tell = (): void => {
        told = true;
        output.write(`${label} … ${seconds()} s${detail === '' ? '' : ` (${detail})`}\n`);
      };
      const first = setTimeout(tell, quietMilliseconds);
      const repeated = setInterval(tell, repeatMilliseconds);
      try {
        const result = await work((text) => (detail = text));
        if (told) output.write(`${label} … done in ${seconds()} s\n`);
        return result;
      } finally {
        clearTimeout(first);
        clearInterval(repeated);
      }
    },
  };
}
