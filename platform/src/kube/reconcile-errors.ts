/** The user must change something first: no retry until the next change. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
}

/** Nothing is wrong, but it is too early: try again after a time. */
export class WaitError extends Error {
  override readonly name = 'WaitError';
  readonly milliseconds: number;

  constructor(milliseconds: number, message = 'Waiting') {
    super(message);
    this.milliseconds = milliseconds;
  }
}
