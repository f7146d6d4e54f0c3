/** Keeps lines until they may be shown, so that what a user must find is not lost among them. */
export class HeldLines {
  readonly #print: (line: string) => void;
  readonly #lines: string[] = [];
  #isReleased = false;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  readonly print = (line: string): void => {
    if (this.#isReleased) this.#print(line);
    else this.#lines.push(line);
  };

  release(): void {
    this.#isReleased = true;
    for (const line of this.#lines.splice(0)) this.#print(line);
  }
}
