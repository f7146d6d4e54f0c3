import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { declaredMetrics, metricsIn } from './declared-metrics.ts';
import { metricsDocument } from './metrics-document.ts';

describe('docs/metrics.md', () => {
  it('is what `npm run generate` makes of the sources', async () => {
    const { path, text } = await metricsDocument();
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

describe('the metrics', () => {
  it('have names that say whose they are, and counters that end in _total', () => {
    for (const { name, type } of declaredMetrics()) {
      expect(name).toMatch(/^(autoweave|usb|process|nodejs)_/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
    }
  });

  it('have histograms in seconds or bytes', () => {
    for (const { name } of declaredMetrics().filter(({ type }) => type === 'histogram')) {
      expect(name).toMatch(/_(seconds|bytes)$/);
    }
  });

  it('keep the names that the first design promised', () => {
    const promised = [
      { name: 'usb_events_total', type: 'counter', labels: ['action', 'source'] },
      { name: 'usb_devices_connected', type: 'gauge', labels: [] },
      { name: 'usb_event_processing_duration_seconds', type: 'histogram', labels: [] },
    ];
    expect(declaredMetrics()).toEqual(
      expect.arrayContaining(promised.map((metric) => expect.objectContaining(metric))),
    );
  });
});

describe('what a source declares', () => {
  it('is read with labels in every form', () => {
    const source = `
      const both = ['stream', 'group'] as const;
      metrics.counter({ name: 'a_total', help: 'A.', labels: [...both, 'reason'] });
      metrics.gauge({ name: 'b', help: "B.", labels: { action, source: ['x', 'y'] } });
      this.#options.metrics.histogram({ name: 'c_seconds', help: 'C.', buckets: [1, 2] });
    `;
    expect(metricsIn('a.ts', source)).toEqual([
      { name: 'a_total', type: 'counter', help: 'A.', labels: ['stream', 'group', 'reason'], path: 'a.ts' },
      { name: 'b', type: 'gauge', help: 'B.', labels: ['action', 'source'], path: 'a.ts' },
      { name: 'c_seconds', type: 'histogram', help: 'C.', labels: [], path: 'a.ts' },
    ]);
  });

  it('is refused when nobody can read it', () => {
    expect(() => metricsIn('a.ts', 'm.gauge({ name: prefix + "x", help: "X." })')).toThrow(
      'a.ts declares a metric by a',
    );
  });
});
