import { OtlpReceiver, type ReceivedSpan } from '@autoweave/platform/telemetry/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyExamples } from '../start/example-objects.ts';
import { ProductWorld } from './product-world.ts';

const patience = { timeout: 90_000, interval: 200 };
const nodeName = 'desk-1';
let receiver: OtlpReceiver;
let world: ProductWorld;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  world = await ProductWorld.start({
    nodeName,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    },
  });
  await applyExamples(world.client);
}, 120_000);
afterAll(async () => {
  await world.stop();
  await receiver.stop();
});

/** A trace as lines, `service: name`, each indented below its parent; siblings in the order of their names. */
function traceLines(traceId: string): readonly string[] {
  const spans = receiver.spans.filter((span) => span.traceId === traceId);
  const below = (parentSpanId: string): string[] => {
    const children = spans.filter((span) => span.parentSpanId === parentSpanId);
    return children.toSorted(byName).flatMap((span) => [title(span), ...below(span.spanId).map((line) => `  ${line}`)]);
  };
  return below('');
}

const byName = (left: ReceivedSpan, right: ReceivedSpan): number => (title(left) < title(right) ? -1 : 1);
const title = ({ service, name }: ReceivedSpan): string => `${service.replace('autoweave-', '')}: ${name}`;

describe('an event that a plugin hears of', () => {
  it('is one trace over three processes, from the uevent to the result', { timeout: 120_000 }, async () => {
    const attach = [
      'node-agent: usb attach',
      '  node-agent: send aw:hotplug',
      '  operator: process aw:hotplug',
      '    executor: process lane',
      '      operator: process aw:results',
      '    executor: wait in lane',
      '    executor: wait in room',
    ];
    const traces = (): string[] => {
      const ids = new Set(receiver.spans.map(({ traceId }) => traceId));
      return [...ids].map((traceId) => traceLines(traceId).join('\n'));
    };
    await expect.poll(traces, patience).toContain(attach.join('\n'));
    await expect.poll(traces, patience).toContain(attach.join('\n').replace('usb attach', 'usb detach'));
  });
});

describe('metrics', () => {
  it('come from every process', async () => {
    const names = (service: string): string[] => receiver.metrics.get(service)?.map(({ name }) => name) ?? [];
    await expect.poll(() => names('autoweave-node-agent'), patience).toContain('usb_events_total');
    await expect.poll(() => names('autoweave-executor'), patience).toContain('autoweave_executor_jobs_total');
    await expect.poll(() => names('autoweave-operator'), patience).toContain('autoweave_results_total');
  });
});
