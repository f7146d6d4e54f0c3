/** A line of JSON on standard error, in the shape of the logs of the other processes. */
export function log(
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  const line = { level, time: new Date().toISOString(), name: 'autoweave-runner', ...fields, msg: message };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
