import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

interface DescribedMetric {
  readonly name: string;
  readonly type: string;
  readonly meaning: string;
}

/** What the sources declare: each metric is declared by literals. */
function declaredMetrics(): DescribedMetric[] {
  const paths = globSync('{platform,operator,node-agent}/src/**/*.ts', { cwd: root });
  return paths
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) => {
      const source = readFileSync(join(root, path), 'utf8');
      const declarations = source.matchAll(
        /\b(counter|gauge|histogram)\(\{\s*name: '([^']+)',\s*help: (['"])(.*?)\3/gs,
      );
      return [...declarations].map(([, type = '', name = '', , meaning = '']) => ({ name, type, meaning }));
    });
}

function documentedMetrics(): DescribedMetric[] {
  const rows = readFileSync(join(root, 'docs/metrics.md'), 'utf8').matchAll(
    /^\| `(\w+)` *\| (\w+) *\| [^|]*\| (.*?) *\|$/gm,
  );
  return [...rows].map(([, name = '', type = '', meaning = '']) => ({ name, type, meaning }));
}

const byName = (left: DescribedMetric, right: DescribedMetric): number => (left.name < right.name ? -1 : 1);

describe('docs/metrics.md', () => {
  it('describes every metric, and no other, in the words of the code', () => {
    expect(documentedMetrics().toSorted(byName)).toEqual(declaredMetrics().toSorted(byName));
  });

  it('has names that say whose they are, and counters that end in _total', () => {
    for (const { name, type } of documentedMetrics()) {
      expect(name).toMatch(/^(autoweave|usb|process|nodejs)_/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
    }
  });
});
