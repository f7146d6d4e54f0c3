import type { JobResult, LaneJob } from '@autoweave/crds';
import { childTraceparent, messagingAttributes, type Span } from '@autoweave/platform/telemetry';

/**
 * A job's way since it was made: in its room until the router released it, in the lane until its turn came, then at work.
 * A job that no event caused is a trace of its own, which is told when the job has ended.
 *
 * @param releasedAt Milliseconds since 1970.
 */
export function jobSpans(job: LaneJob, result: JobResult, releasedAt: number): readonly Span[] {
  const { type, createdAt, event, traceparent: parent } = job;
  const { startedAt, finishedAt, state } = result;
  const attributes = jobAttributes(job);
  const internal = { kind: 'Internal', attributes } as const;
  const child = { ...internal, parent, traceparent: childTraceparent(parent) };
  // The operator puts these into the lane itself.
  const waitsInRoom = type !== 'plugin.load' && type !== 'plugin.unload';
  const isWholeTrace = event === undefined && state !== 'HandedBack';
  return [
    ...(isWholeTrace
      ? [{ ...internal, name: type, traceparent: parent, startedAt: createdAt, endedAt: finishedAt }]
      : []),
    ...(waitsInRoom ? [{ ...child, name: 'wait in room', startedAt: createdAt, endedAt: releasedAt }] : []),
    {
      ...child,
      name: 'wait in lane',
      traceparent: childTraceparent(parent),
      startedAt: releasedAt,
      endedAt: startedAt,
    },
    workSpan(job, result),
  ];
}

function workSpan(job: LaneJob, result: JobResult): Span {
  const { startedAt, finishedAt, state, code, message, traceparent } = result;
  return {
    name: 'process lane',
    kind: 'Consumer',
    traceparent,
    parent: job.traceparent,
    startedAt,
    endedAt: finishedAt,
    attributes: {
      ...jobAttributes(job),
      ...messagingAttributes({ destination: 'lane', id: job.id, operation: 'process' }),
      'autoweave.job.state': state,
      ...(code === undefined ? {} : { 'error.type': code }),
    },
    ...(state === 'Failed' ? { error: message ?? code ?? state } : {}),
  };
}

function jobAttributes({ id, type, plugin, deviceName }: LaneJob): Record<string, string> {
  return {
    'autoweave.job.id': id,
    'autoweave.job.type': type,
    'autoweave.plugin': `${plugin.namespace}/${plugin.name}`,
    ...(deviceName === undefined ? {} : { 'autoweave.device.name': deviceName }),
  };
}
