import { errorMessage } from '../errors/index.ts';

/** One thing a process needs. Cheap and synchronous: it tells what is known, it does not ask. */
export interface ReadinessCheck {
  readonly name: string;
  /** Why not, in words for a person; undefined when ready. */
  check(): string | undefined;
}

export interface ReadinessOutcome {
  readonly name: string;
  readonly reason: string | undefined;
}

/** A check that throws is not ready, with the error as the reason. */
export function runChecks(checks: readonly ReadinessCheck[], excluded: readonly string[]): readonly ReadinessOutcome[] {
  return checks.map((check) => ({
    name: check.name,
    reason: excluded.includes(check.name) ? undefined : reasonOf(check),
  }));
}

function reasonOf(check: ReadinessCheck): string | undefined {
  try {
    return check.check();
  } catch (error) {
    return errorMessage(error);
  }
}
