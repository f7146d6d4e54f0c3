import { describe, expect, it } from 'vitest';
import { autoweaveVersion, MetricsRegistry } from './index.ts';

describe('a metrics registry', () => {
  it('renders Prometheus text with help, type and one line per series', () => {
    const metrics = new MetricsRegistry();
    const events = metrics.counter({ name: 'usb_events_total', help: 'USB events.', labels: ['action', 'node'] });
    events.increment({ node: 'node-1', action: 'attach' });
    events.add(2, { action: 'attach', node: 'node-1' });
    metrics.gauge({ name: 'usb_devices_connected', help: 'USB devices.' }).set(-1.5);
    expect(metrics.render()).toBe(
      [
        '# HELP usb_events_total USB events.',
        '# TYPE usb_events_total counter',
        'usb_events_total{action="attach",node="node-1"} 3',
        '# HELP usb_devices_connected USB devices.',
        '# TYPE usb_devices_connected gauge',
        'usb_devices_connected -1.5',
        '',
      ].join('\n'),
    );
  });

  it('escapes help and label values', () => {
    const metrics = new MetricsRegistry();
    metrics.gauge({ name: 'a', help: 'x\\y\nz', labels: ['b'] }).set(Infinity, { b: 'q"\\\n' });
    expect(metrics.render()).toBe('# HELP a x\\\\y\\nz\n# TYPE a gauge\na{b="q\\"\\\\\\n"} +Inf\n');
  });

  it('renders a histogram with cumulative buckets, sum and count', () => {
    const metrics = new MetricsRegistry();
    const seconds = metrics.histogram({ name: 'b_seconds', help: 'h', buckets: [1, 0.1] });
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value);
    expect(metrics.render().split('\n').slice(2, -1)).toEqual([
      'b_seconds_bucket{le="0.1"} 2',
      'b_seconds_bucket{le="1"} 3',
      'b_seconds_bucket{le="+Inf"} 4',
      'b_seconds_sum 7.65',
      'b_seconds_count 4',
    ]);
  });

  it('shows declared label values from the start, and puts undeclared ones under other', () => {
    const metrics = new MetricsRegistry();
    const results = metrics.counter({ name: 'a_total', help: 'h', labels: { result: ['success', 'error'] } });
    const mistyped: string = 'sucess';
    results.increment({ result: mistyped });
    expect(metrics.render().split('\n').slice(2, -1)).toEqual([
      'a_total{result="success"} 0',
      'a_total{result="error"} 0',
      'a_total{result="other"} 1',
    ]);
  });

  it('bounds the values of an open label, and takes new ones when old ones are removed', () => {
    const metrics = new MetricsRegistry();
    const gauge = metrics.gauge({ name: 'a', help: 'h', labels: ['device'] });
    for (let device = 0; device < 500; device += 1) gauge.set(device, { device: `device-${device}` });
    const lines = (): string[] => metrics.render().trim().split('\n').slice(2);
    expect(lines()).toHaveLength(101);
    expect(lines().at(-1)).toBe('a{device="other"} 499');
    gauge.remove({ device: 'device-0' });
    gauge.set(1, { device: 'newcomer' });
    expect(lines()).toContain('a{device="newcomer"} 1');
    expect(lines()).toHaveLength(101);
  });

  it('gives the same metric to whoever declares it in the same way, and refuses another declaration', () => {
    const metrics = new MetricsRegistry();
    const declaration = { name: 'a_total', help: 'h', labels: ['stream'] } as const;
    metrics.counter(declaration).increment({ stream: 's' });
    metrics.counter(declaration).increment({ stream: 's' });
    expect(metrics.render()).toContain('a_total{stream="s"} 2');
    expect(() => metrics.counter({ ...declaration, labels: ['other'] })).toThrow('declared twice');
    expect(() => metrics.gauge(declaration)).toThrow('declared twice');
  });

  it('refuses names that Prometheus would refuse', () => {
    const metrics = new MetricsRegistry();
    expect(() => metrics.counter({ name: 'a-b', help: 'h' })).toThrow(TypeError);
    expect(() => metrics.counter({ name: 'a', help: 'h', labels: ['b-c'] })).toThrow(TypeError);
  });

  it('lets no counter fall', () => {
    const counter = new MetricsRegistry().counter({ name: 'a_total', help: 'h' });
    expect(() => counter.add(-1)).toThrow(RangeError);
    expect(() => counter.add(NaN)).toThrow(RangeError);
  });

  it('asks collectors before each rendering', () => {
    const metrics = new MetricsRegistry();
    const gauge = metrics.gauge({ name: 'a', help: 'h' });
    let value = 0;
    metrics.onRender(() => gauge.set((value += 1)));
    expect(metrics.render()).toContain('a 1');
    expect(metrics.render()).toContain('a 2');
  });

  it('tells about its own process', () => {
    const metrics = new MetricsRegistry();
    metrics.collectProcessMetrics();
    const text = metrics.render();
    const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10e6);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
    expect(value('process_start_time_seconds')).toBeGreaterThan(1.7e9);
    expect(text).toContain(`autoweave_build_info{version="${autoweaveVersion}",node_version="${process.version}"} 1`);
  });

  it('notices that the event loop was blocked, until it was told', async () => {
    const metrics = new MetricsRegistry();
    metrics.collectProcessMetrics();
    const lag = (): number => Number(/^nodejs_eventloop_lag_seconds (\S+)$/m.exec(metrics.render())?.[1]);
    await new Promise((resolve) => setTimeout(resolve, 250));
    const end = performance.now() + 400;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(lag()).toBeGreaterThan(0.2);
    expect(lag()).toBe(0);
  });
});
