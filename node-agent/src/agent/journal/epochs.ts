/** A run of positions of the journal: sequence = position - base, up to the base of the next epoch. */
export interface Epoch {
  readonly base: number;
  /** 12 hex digits. */
  readonly epoch: string;
}

/** Translates between positions, which count for the life of a journal, and (epoch, sequence), which events carry. */
export class Epochs {
  readonly #runs: Epoch[];

  /** @param runs Ordered by base. */
  constructor(runs: readonly Epoch[] = []) {
    this.#runs = [...runs];
  }

  /** Of the last epoch. @throws RangeError when none was begun. */
  get current(): Epoch {
    const last = this.#runs.at(-1);
    if (last === undefined) throw new RangeError('no epoch was begun');
    return last;
  }

  /** Epochs that have events. */
  begun(lastPosition: number): readonly Epoch[] {
    return this.#runs.filter((run) => run.base < lastPosition);
  }

  /** An epoch without events leaves no trace: bases are unique. */
  begin(epoch: Epoch): void {
    if (this.#runs.at(-1)?.base === epoch.base) this.#runs.pop();
    this.#runs.push(epoch);
  }

  /** Position of an event, at most that of the end of its epoch; undefined for an epoch the journal does not know. */
  position(epoch: string, sequence: number, lastPosition: number): number | undefined {
    const index = this.#runs.findIndex((run) => run.epoch === epoch);
    const run = this.#runs[index];
    if (run === undefined) return undefined;
    return Math.min(run.base + sequence, this.#runs[index + 1]?.base ?? lastPosition);
  }
}
