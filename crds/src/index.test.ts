import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Packages that a process has loaded after it imported the specifier. */
async function loadedPackages(specifier: string): Promise<string> {
  const code = `await import('${specifier}');
    const { createRequire } = await import('node:module');
    console.log(Object.keys(createRequire('${import.meta.filename}').cache).join('\\n'));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: import.meta.dirname,
  });
  return stdout;
}

describe('the contract', () => {
  it('costs the agent no validator', { timeout: 60_000 }, async () => {
    expect(await loadedPackages('@autoweave/crds')).not.toContain('/ajv/');
    expect(await loadedPackages('@autoweave/crds/validators')).toContain('/ajv/');
  });
});
