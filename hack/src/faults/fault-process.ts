import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FaultReport } from './run-faults.ts';

const main = join(import.meta.dirname, 'main.ts');

export const faultTimeoutMilliseconds = 9 * 60_000;

/**
 * A run in a process of its own, for it goes into a network namespace.
 *
 * @throws Error when it ends without a report.
 */
export async function runFaultProcess(...parameters: readonly string[]): Promise<FaultReport> {
  const options = { timeout: faultTimeoutMilliseconds, killSignal: 'SIGTERM' } as const;
  // The exit code says again what the report says.
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...parameters], options).catch(
    (error: { readonly stdout?: string; readonly stderr?: string }) => {
      if (error.stdout?.startsWith('{')) return { stdout: error.stdout };
      throw new Error(`The run ended without a report: ${error.stderr}`);
    },
  );
  return JSON.parse(stdout) as FaultReport;
}
