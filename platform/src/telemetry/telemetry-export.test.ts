import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  childTraceparent,
  createLogger,
  MetricsRegistry,
  newTraceparent,
  TelemetryExport,
  type Span,
} from './index.ts';
import { OtlpReceiver } from './testing/otlp-receiver.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 20_000 };
let receiver: OtlpReceiver;

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
});
afterEach(() => receiver.stop());

interface Started {
  readonly telemetry: TelemetryExport;
  readonly metrics: MetricsRegistry;
}

async function start(otlpEndpoint: string | undefined, metricIntervalMilliseconds = 60_000): Promise<Started> {
  const metrics = new MetricsRegistry();
  const config = { otlpEndpoint, traceBatchMilliseconds: 20, metricIntervalMilliseconds };
  const telemetry = new TelemetryExport({ config, service: 'test', node: 'desk-1', metrics, logger });
  await telemetry.start();
  onTestFinished(() => telemetry.stop());
  return { telemetry, metrics };
}

function spanOf(more: Partial<Span> = {}): Span {
  const startedAt = 1_700_000_000_000.5;
  return { name: 'work', kind: 'Internal', traceparent: newTraceparent(), startedAt, endedAt: startedAt + 2, ...more };
}

describe('traces', () => {
  it('arrive with their parents, times, attributes and errors', async () => {
    const { telemetry } = await start(receiver.url);
    const parent = newTraceparent();
    const traceparent = childTraceparent(parent);
    telemetry.record(() => [
      spanOf({ traceparent: parent, kind: 'Producer', attributes: { 'autoweave.jobs': 2, a: 'b' } }),
    ]);
    telemetry.record(() => [spanOf({ traceparent, parent, error: 'it broke' })]);
    await expect.poll(() => receiver.spans.length, patience).toBe(2);

    const [, traceId, parentSpanId] = parent.split('-');
    expect(receiver.spans).toMatchObject([
      {
        service: 'test',
        name: 'work',
        kind: 4,
        traceId,
        spanId: parentSpanId,
        parentSpanId: '',
        startNanoseconds: 1_700_000_000_000_500_000n,
        endNanoseconds: 1_700_000_000_002_500_000n,
        attributes: { 'autoweave.jobs': 2, a: 'b' },
        status: 0,
      },
      { traceId, spanId: traceparent.split('-')[2], parentSpanId, status: 2 },
    ]);
  });

  it('are left out when the flag of the trace says so', async () => {
    const { telemetry } = await start(receiver.url);
    telemetry.record(() => [spanOf({ traceparent: newTraceparent(0) })]);
    telemetry.record(() => [spanOf({ traceparent: 'nonsense' })]);
    telemetry.record(() => [spanOf({ name: 'sampled' })]);
    await telemetry.stop();
    expect(receiver.spans.map(({ name }) => name)).toEqual(['sampled']);
  });

  it('that wait at the end are sent', async () => {
    const { telemetry } = await start(receiver.url);
    for (let count = 0; count < 1_500; count += 1) telemetry.record(() => [spanOf()]);
    await telemetry.stop();
    expect(receiver.spans).toHaveLength(1_500);
  });

  it('never end before they begin, whatever clocks do', async () => {
    const { telemetry } = await start(receiver.url);
    telemetry.record(() => [spanOf({ startedAt: 2_000, endedAt: 1_000 })]);
    await telemetry.stop();
    expect(receiver.spans).toMatchObject([{ startNanoseconds: 2_000_000_000n, endNanoseconds: 2_000_000_000n }]);
  });
});

describe('metrics', () => {
  it('arrive as /metrics has them', async () => {
    const { metrics, telemetry } = await start(receiver.url);
    metrics
      .counter({ name: 'c_total', help: 'C.', labels: { action: ['attach', 'detach'] } })
      .add(2, { action: 'attach' });
    metrics.gauge({ name: 'g', help: 'G.' }).set(-1.5);
    const histogram = metrics.histogram({ name: 'h_seconds', help: 'H.', buckets: [1, 10] });
    for (const value of [0.5, 5, 7, 100]) histogram.observe(value);
    await telemetry.stop();

    const received = new Map(receiver.metrics.get('test')?.map(({ name, data }) => [name, data]));
    expect(received.get('c_total')).toMatchObject({
      isMonotonic: true,
      aggregationTemporality: 2,
      dataPoints: [{ asDouble: 2 }, { asDouble: 0 }],
    });
    expect(received.get('g')).toMatchObject({ dataPoints: [{ asDouble: -1.5 }] });
    expect(received.get('h_seconds')).toMatchObject({
      dataPoints: [{ explicitBounds: [1, 10], bucketCounts: [1, 2, 1], count: 4, sum: 112.5 }],
    });
  });
});

describe('a collector', () => {
  it('that is away harms nothing, and its failures are counted', async () => {
    const gone = receiver.url;
    await receiver.stop();
    const { telemetry, metrics } = await start(gone, 100);
    const begin = performance.now();
    for (let count = 0; count < 50_000; count += 1) telemetry.record(() => [spanOf()]);
    expect(performance.now() - begin).toBeLessThan(5_000);
    await vi.waitFor(() => {
      expect(metrics.render()).toMatch(/failed_exports_total\{signal="traces"\} [1-9]/);
      expect(metrics.render()).toMatch(/failed_exports_total\{signal="metrics"\} [1-9]/);
    }, patience);
    await telemetry.stop();
  });

  it('that never answers does not hold up the end', async () => {
    receiver.status = 503;
    const { telemetry } = await start(receiver.url);
    telemetry.record(() => [spanOf()]);
    const begin = performance.now();
    await telemetry.stop();
    expect(performance.now() - begin).toBeLessThan(4_000);
  });

  it('that was away gets what comes after', async () => {
    receiver.status = 400;
    const { telemetry, metrics } = await start(receiver.url);
    telemetry.record(() => [spanOf({ name: 'lost' })]);
    await vi.waitFor(() => expect(metrics.render()).toMatch(/failed_exports_total\{signal="traces"\} 1/), patience);
    receiver.status = 200;
    telemetry.record(() => [spanOf({ name: 'kept' })]);
    await expect.poll(() => receiver.spans.map(({ name }) => name), patience).toEqual(['kept']);
  });

  it('that hangs holds no process for long', { timeout: 60_000 }, () => {
    // The receiver cannot answer while this thread waits.
    const { loaded, stopMilliseconds } = runExport(receiver.url);
    expect(loaded).toContain('@opentelemetry/sdk-trace');
    expect(stopMilliseconds).toBeLessThan(4_500);
  });

  it('that nobody configured costs nothing: OpenTelemetry is not loaded', () => {
    expect(runExport('').loaded).toEqual([]);
  });

  it('that nobody configured makes nobody tell of anything', async () => {
    const { telemetry } = await start(undefined);
    let asked = false;
    telemetry.record(() => {
      asked = true;
      return [];
    });
    expect(asked).toBe(false);
  });
});

interface Run {
  /** Packages of OpenTelemetry that the process asked for. */
  readonly loaded: readonly string[];
  /** From the stop to the end of the process. */
  readonly stopMilliseconds: number;
}

/** In a process of its own, which ends by itself. */
function runExport(endpoint: string): Run {
  const script = join(import.meta.dirname, 'testing/export-once.ts');
  const { stdout } = spawnSync(process.execPath, [script, endpoint], { encoding: 'utf8' });
  const { loaded, stoppedAt } = JSON.parse(stdout) as {
    readonly loaded: readonly string[];
    readonly stoppedAt: number;
  };
  return { loaded, stopMilliseconds: Date.now() - stoppedAt };
}
