import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';

/** One way to get something. */
export interface NamedAttempt<T> {
  readonly name: string;
  readonly run: () => Promise<T>;
}

/**
 * The result of the first attempt that works, tried in order.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE which says what was tried and why it did not work.
 */
export async function firstThatWorks<T>(
  what: string,
  attempts: readonly NamedAttempt<T>[],
  rejected: readonly string[],
): Promise<T> {
  const reasons = [...rejected];
  for (const attempt of attempts) {
    try {
      return await attempt.run();
    } catch (error) {
      reasons.push(`${attempt.name}: ${errorMessage(error)}${causeOf(error)}`);
    }
  }
  throw new AutoWeaveError('AW_TOOL_UNAVAILABLE', `${what} could not be had. Tried:\n- ${reasons.join('\n- ')}`);
}

/** fetch says only "fetch failed"; the reason is its cause. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? ` (${errorMessage(error.cause)})` : '';
}
