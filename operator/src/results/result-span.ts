import { redisKeys, type JobResult } from '@autoweave/crds';
import { childTraceparent, messagingAttributes, type Span } from '@autoweave/platform/telemetry';

/** The end of a trace: the job has left its room. */
export function resultSpan(result: JobResult, times: Pick<Span, 'startedAt' | 'endedAt'>): Span {
  const { jobId: id, state, traceparent: parent } = result;
  const destination = redisKeys.resultStream;
  return {
    name: `process ${destination}`,
    kind: 'Consumer',
    traceparent: childTraceparent(parent),
    parent,
    ...times,
    attributes: {
      ...messagingAttributes({ destination, id, operation: 'process' }),
      'autoweave.job.id': id,
      'autoweave.job.state': state,
    },
  };
}
