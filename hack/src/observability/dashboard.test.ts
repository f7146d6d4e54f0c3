import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownSeries, unknownTo } from './known-series.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<'h' | 'w' | 'x' | 'y', number>>;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const path = join(import.meta.dirname, '../../../charts/autoweave/files/dashboard.json');
const dashboard = JSON.parse(readFileSync(path, 'utf8')) as { readonly uid: string; readonly panels: readonly Panel[] };
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const series = knownSeries();

/** Grafana fills these in. */
const filledIn = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll('$node', '.*');

describe.each(panels)('the panel $title', ({ description, targets = [] }) => {
  it('shows series that exist, by labels that they have', () => {
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr, legendFormat } of targets) {
      const expression = filledIn(expr);
      expect(unknownTo(series, expression), expr).toEqual([]);
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? '');
      expect(unknownTo(series, `sum by (${named.join(', ')}) (${expression})`), legendFormat).toEqual([]);
    }
  });

  it('says what it shows', () => {
    expect(description).toMatch(/\.$/);
  });
});

describe('the dashboard', () => {
  it('has panels of their own ids and places', () => {
    const { panels: all } = dashboard;
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ gridPos: { x, y } }) => `${x},${y}`)).size).toBe(all.length);
    for (const { gridPos } of all) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it('shows what the first design promised', () => {
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
    for (const name of [
      'usb_events_total',
      'usb_devices_connected',
      'process_resident_memory_bytes',
      'usb_event_processing_duration_seconds_bucket',
    ]) {
      expect(expressions).toContain(name);
    }
  });
});

describe('a check of an expression', () => {
  it.each([
    ['rate(usb_events_gone_total[5m])', ['usb_events_gone_total']],
    ['usb_events_total{kind="x"}', ['kind']],
    ['sum by (device) (usb_devices_connected)', ['device']],
    ['sum by (le) (rate(usb_event_processing_duration_seconds_bucket[5m]))', []],
  ])('finds what is not there in %s', (expression, unknown) => {
    expect(unknownTo(series, expression)).toEqual(unknown);
  });

  it('refuses what is no PromQL', () => {
    expect(() => unknownTo(series, 'sum(usb_events_total')).toThrow(SyntaxError);
  });
});
