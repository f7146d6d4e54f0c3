import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CommandError, runCommand } from '../processes/run-command.ts';

const root = join(import.meta.dirname, '../../..');

describe('the import rules of the layout', () => {
  it.each([
    ['crds/src/a.ts', '@autoweave/platform/errors'],
    ['platform/src/kube/a.ts', '@autoweave/operator'],
    ['node-agent/src/agent/a.ts', '@autoweave/operator'],
    ['operator/src/router/a.ts', '@autoweave/node-agent'],
    ['operator/src/router/a.ts', '@autoweave/hack/testing'],
    ['kubectl-autoweave/src/a.ts', '@autoweave/operator'],
    ['platform/src/kube/a.ts', '@autoweave/kubectl-autoweave'],
    ['plugins/sdk/src/a.ts', '@autoweave/crds'],
    ['plugins/runner/src/a.ts', '@autoweave/platform/errors'],
    ['operator/src/router/a.ts', '../../../platform/src/errors/index.ts'],
    ['plugins/runner/src/a.ts', '../../sdk/src/index.ts'],
    ['plugins/runner/src/a.ts', 'node:vm'],
  ])('refuse, in %s, an import of %s', async (file, specifier) => {
    expect(await lint({ [file]: `export * from '${specifier}';\n` })).toContain('no-restricted-imports');
  });

  it.each([
    ['platform/src/kube/a.ts', '@autoweave/crds'],
    ['operator/src/router/a.ts', '@autoweave/platform/errors'],
    ['kubectl-autoweave/src/a.ts', '@autoweave/platform/kube'],
    ['operator/src/router/a.integration.test.ts', '@autoweave/hack/testing'],
    ['hack/src/bench/a.ts', '@autoweave/operator'],
    ['hack/src/bench/a.ts', '../plugins/b.ts'],
  ])('allow, in %s, an import of %s', async (file, specifier) => {
    expect(await lint({ [file]: `export * from '${specifier}';\n` })).toBe('');
  });

  it('refuse a cycle', async () => {
    const files = {
      'platform/src/kube/a.ts': `import { b } from './b.ts';\nexport const a = (): number => b();\n`,
      'platform/src/kube/b.ts': `import { a } from './a.ts';\nexport const b = (): number => a();\n`,
    };
    expect(await lint(files)).toContain('no-cycle');
  });
});

/** What the linter, with our rules, says about a repository of these files; empty when it is content. */
async function lint(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-layout-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  try {
    await runCommand(process.execPath, [oxlint, '--format=unix'], { directory });
    return '';
  } catch (error) {
    if (error instanceof CommandError) return error.output;
    throw error;
  }
}
