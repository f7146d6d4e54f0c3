import type { JobResult } from './job.ts';
import { redisKeys } from './names.ts';

/** One `FCALL`. */
export interface FunctionCall {
  readonly function: string;
  readonly keys: readonly string[];
  readonly arguments: readonly string[];
}

export interface HotplugAppend {
  readonly node: string;
  readonly epoch: string;
  readonly sequence: number;
  /** The stream is trimmed to about this many entries; 0 for never. */
  readonly maximumLength: number;
  /** Accept a sequence up to 1,000,000 above the next, or one above 1 in a new epoch: the entries between are lost. */
  readonly allowJump: boolean;
  /** Of the entry. At least one. */
  readonly fields: Readonly<Record<string, string>>;
}

/** `mark`: the last entry that the stream took from the node; undefined when Redis knows of none. */
export type HotplugAppendReply =
  | { readonly outcome: 'appended'; readonly streamId: string }
  | { readonly outcome: 'duplicate' | 'gap'; readonly mark: HotplugMark | undefined };

export interface HotplugMark {
  readonly epoch: string;
  readonly sequence: number;
}

/** Appends exactly the next event of a node to `aw:hotplug`; a repeated call is a `duplicate`, without effect. */
export function hotplugAppendCall(append: HotplugAppend): FunctionCall {
  const { node, epoch, sequence, maximumLength, allowJump, fields } = append;
  return {
    function: 'aw_hotplug_append',
    keys: [redisKeys.hotplugStream, redisKeys.hotplugSequence(node)],
    arguments: [
      node,
      epoch,
      String(sequence),
      String(maximumLength),
      allowJump ? '1' : '0',
      ...Object.entries(fields).flat(),
    ],
  };
}

export function parseHotplugAppendReply(reply: unknown): HotplugAppendReply {
  const [outcome, detail] = Array.isArray(reply) ? reply.map(String) : [];
  if (outcome === 'appended' && detail !== undefined) return { outcome, streamId: detail };
  if (outcome === 'duplicate' || outcome === 'gap') return { outcome, mark: parseHotplugMark(detail) };
  throw new TypeError(`aw_hotplug_append answered ${JSON.stringify(reply)}`);
}

/** Answers the mark of a node, read by `parseHotplugMark`. */
export function hotplugMarkCall(node: string): FunctionCall {
  return { function: 'aw_hotplug_mark', keys: [redisKeys.hotplugSequence(node)], arguments: [] };
}

/** Undefined when Redis knows nothing of the node, or no longer. */
export function parseHotplugMark(reply: unknown): HotplugMark | undefined {
  if (typeof reply !== 'string') return undefined;
  const [, epoch, sequence] = /^(\w+):(\d+)$/.exec(reply) ?? [];
  return epoch === undefined ? undefined : { epoch, sequence: Number(sequence) };
}

const recordSeconds = 24 * 3600;
const resultStreamLength = 100_000;

/**
 * Records a result once per job id: appends it to `aw:results`, keeps the record for 24 h and counts it for its
 * plugin, all or nothing. A job that was handed back leaves no record, so that it can run elsewhere.
 */
export function resultRecordCall(result: JobResult): FunctionCall {
  const { jobId, plugin, state, type } = result;
  const isHook = type !== 'plugin.load' && type !== 'plugin.unload';
  return {
    function: 'aw_result_record',
    keys: [redisKeys.resultStream, redisKeys.jobRecord(jobId), redisKeys.pluginCounters(plugin.namespace, plugin.name)],
    arguments: [
      jobId,
      state,
      isHook ? '1' : '0',
      String(recordSeconds),
      String(resultStreamLength),
      JSON.stringify(result),
    ],
  };
}

export function parseResultRecordReply(reply: unknown): 'recorded' | 'duplicate' {
  const outcome: unknown = Array.isArray(reply) ? reply[0] : undefined;
  if (outcome === 'recorded' || outcome === 'duplicate') return outcome;
  throw new TypeError(`aw_result_record answered ${JSON.stringify(reply)}`);
}

/** Answers which of these jobs have a record, read by `parseResultsKnown`. */
export function resultsKnownCall(jobIds: readonly string[]): FunctionCall {
  return { function: 'aw_results_known', keys: jobIds.map(redisKeys.jobRecord), arguments: [] };
}

export function parseResultsKnown(reply: unknown): readonly boolean[] {
  return (reply as readonly number[]).map((known) => known === 1);
}

/** Fields of an entry of `aw:results`, and of the hash `redisKeys.jobRecord` (there without `jobId`). */
export const resultFields = { jobId: 'jobId', state: 'state', result: 'result' } as const;

/** What ran for a plugin. `lastJobIds`: newest first, at most 10. Loads and unloads are not counted. */
export interface PluginCounters {
  readonly succeeded: number;
  readonly failed: number;
  readonly lastJobIds: readonly string[];
}

/** From the hash `redisKeys.pluginCounters`, as HGETALL gives it. */
export function parsePluginCounters(hash: Readonly<Record<string, string>>): PluginCounters {
  const lastJobIds: unknown = JSON.parse(hash['lastJobIds'] ?? '[]');
  return {
    succeeded: Number(hash['succeeded'] ?? 0),
    failed: Number(hash['failed'] ?? 0),
    lastJobIds: Array.isArray(lastJobIds) ? lastJobIds.map(String) : [],
  };
}
