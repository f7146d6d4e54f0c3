/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const resultCodes = { busy: 5, corrupt: 11, notADatabase: 26 } as const;

/** Another connection holds the exclusive lock. */
export function isLocked(error: unknown): boolean {
  return primaryCode(error) === resultCodes.busy;
}

/** The file cannot be trusted any more; trying again is of no use. */
export function isCorrupt(error: unknown): boolean {
  const code = primaryCode(error);
  return code === resultCodes.corrupt || code === resultCodes.notADatabase || error instanceof SyntaxError;
}

/** node:sqlite gives the extended code, whose low byte is the primary one. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
