import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { knownSeries, unknownTo } from './known-series.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

const root = join(import.meta.dirname, '../../..');
const runbooks = join(root, 'docs/runbooks');
const file = readFileSync(join(root, 'charts/autoweave/files/alerts.yaml'), 'utf8');
const { groups } = parse(file) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const series = knownSeries();

describe.each(rules)('the alert $alert', ({ alert, expr, for: wait, labels, annotations }) => {
  it('asks for series that exist', () => {
    expect(unknownTo(series, expr)).toEqual([]);
  });

  it('says what is so, and since when', () => {
    expect(alert).toMatch(/^AutoWeave[A-Z]/);
    expect(wait ?? '1m').toMatch(/^[1-9]\d*m$/);
    expect(['info', 'warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/^.{10,}[^.]$/);
    expect(annotations.description).toMatch(/^.{30,}\.$/);
  });

  it('names only labels that its series have', () => {
    const text = annotations.summary + annotations.description;
    const named = [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? '');
    expect(unknownTo(series, `sum by (${named.join(', ')}) (${expr})`)).toEqual([]);
  });

  it('has a runbook with symptom, meaning, check and remedy', () => {
    expect(annotations.runbook_url).toBe(`%RUNBOOKS%/${alert}.md`);
    const text = readFileSync(join(runbooks, `${alert}.md`), 'utf8');
    expect(text.startsWith(`# ${alert}\n`)).toBe(true);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'Symptom',
      'Meaning',
      'Check',
      'Remedy',
    ]);
    expect(readFileSync(join(runbooks, 'README.md'), 'utf8')).toContain(`[${alert}](${alert}.md)`);
  });
});

describe('the runbooks', () => {
  it('are of alerts that exist, once each', () => {
    const named = rules.map(({ alert }) => `${alert}.md`);
    expect(new Set(named).size).toBe(named.length);
    expect(readdirSync(runbooks).toSorted()).toEqual([...named, 'README.md'].toSorted());
  });
});

describe('the catalogue’s alerts', () => {
  it.each([
    ['AutoWeaveHighFailureRate', '5m', /> 0\.1$/],
    ['AutoWeaveQueueBacklog', '2m', /> 1000$/],
  ])('%s keeps its threshold and its time', (name, wait, threshold) => {
    const rule = rules.find(({ alert }) => alert === name);
    expect(rule?.for).toBe(wait);
    expect(rule?.expr).toMatch(threshold);
  });
});
