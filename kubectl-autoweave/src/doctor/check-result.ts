import type { Session } from '../session.ts';
import type { Installation } from './installation.ts';

export type CheckStatus = 'OK' | 'WARN' | 'FAIL';

/** One line of the report. */
export interface CheckResult {
  readonly check: string;
  readonly status: CheckStatus;
  readonly message: string;
  /** What to do; there unless all is well. */
  readonly remedy?: string;
}

export interface DoctorWorld {
  readonly session: Session;
  readonly installation: Installation;
}

/** Something to look at. It throws when it cannot look, which becomes a line, too. */
export interface Check {
  readonly name: string;
  run(world: DoctorWorld): Promise<readonly Finding[]>;
}

export type Finding = Omit<CheckResult, 'check'>;

export const ok = (message: string): Finding => ({ status: 'OK', message });
export const warn = (message: string, remedy: string): Finding => ({ status: 'WARN', message, remedy });
export const fail = (message: string, remedy: string): Finding => ({ status: 'FAIL', message, remedy });

const shownNames = 5;

/** `a, b and 7 more` */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).join(', ');
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}
