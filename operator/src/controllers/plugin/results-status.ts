import type { AutoWeavePluginResult, AutoWeavePluginResults, JobResult } from '@autoweave/crds';
import type { PluginResults } from '../../ports.ts';

const remembered = 10;
const maximumValueLength = 4096;
const maximumMessageLength = 1024;

/** For status.results. Records end after a day; what the status already shows stays until newer results push it out. */
export function resultsStatus(
  known: AutoWeavePluginResults | undefined,
  { failed, last, succeeded }: PluginResults,
): AutoWeavePluginResults {
  const latest = last.flatMap((result) => resultStatus(result) ?? []);
  const jobIds = new Set(latest.map(({ jobId }) => jobId));
  const older = (known?.last ?? []).filter(({ jobId }) => !jobIds.has(jobId));
  return { succeeded, failed, last: [...latest, ...older].slice(0, remembered) };
}

function resultStatus(result: JobResult): AutoWeavePluginResult | undefined {
  const { code, deviceName, finishedAt, jobId, message, node, state, type, value } = result;
  if (state === 'HandedBack') return undefined;
  return {
    jobId,
    type,
    ...(deviceName === undefined ? {} : { device: deviceName }),
    node,
    state,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message: shortened(message, maximumMessageLength) }),
    ...(value === undefined ? {} : { value: shortened(JSON.stringify(value), maximumValueLength) }),
    finishedAt: new Date(finishedAt).toISOString(),
  };
}

function shortened(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}
