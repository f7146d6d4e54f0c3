import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupVersion, resources } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { healthOf, type HealthStatus } from './health-check.ts';

const customizations = join(import.meta.dirname, '../../../deploy/argocd/resource_customizations/autoweave.dev');
const kinds = Object.values(resources).map(({ kind }) => kind);

interface Case {
  readonly inputPath: string;
  readonly healthStatus: HealthStatus;
}

function read(...path: readonly string[]): string {
  return readFileSync(join(customizations, ...path), 'utf8');
}

function casesOf(kind: string): readonly Case[] {
  return (parse(read(kind, 'health_test.yaml')) as { readonly tests: readonly Case[] }).tests;
}

describe('Argo CD', () => {
  it('has a health check for each kind', () => {
    expect(readdirSync(customizations).toSorted()).toEqual(kinds.toSorted());
  });
});

describe.each(kinds)('the health of %s', (kind) => {
  const script = read(kind, 'health.lua');

  it.each(casesOf(kind))('is $healthStatus.status in $inputPath', async ({ inputPath, healthStatus }) => {
    const object = parse(read(kind, inputPath)) as Record<string, unknown>;
    expect(object).toMatchObject({ apiVersion: groupVersion, kind });
    expect(await healthOf(script, object)).toEqual(healthStatus);
  });

  it('has every file of test data in a test', () => {
    const named = casesOf(kind).map(({ inputPath }) => inputPath.replace('testdata/', ''));
    expect(readdirSync(join(customizations, kind, 'testdata')).toSorted()).toEqual(named.toSorted());
  });

  it('is known of what has just been made', async () => {
    const object = { apiVersion: groupVersion, kind, metadata: { name: 'default' } };
    expect(['Progressing', 'Healthy']).toContain((await healthOf(script, object)).status);
  });
});

describe('a health check', () => {
  it('runs in Lua 5.1, as Argo CD does, and without the libraries that are closed there', async () => {
    expect(await healthOf('return { status = "Healthy", message = _VERSION }', {})).toEqual({
      status: 'Healthy',
      message: 'Lua 5.1',
    });
    for (const library of ['string', 'os', 'io', 'math', 'debug', 'package', 'require', 'load', 'dofile']) {
      const script = `return { status = "Unknown", message = tostring(${library}) }`;
      expect((await healthOf(script, {})).message, library).toBe('nil');
    }
    await expect(healthOf('return { status = "Fine" }', {})).rejects.toThrow('Fine');
    await expect(healthOf('goto done', {})).rejects.toThrow("'=' expected near 'done'");
  });
});
