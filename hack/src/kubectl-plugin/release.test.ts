import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCommand } from '../processes/run-command.ts';
import { bundlePlugin } from './bundle-plugin.ts';
import { makeRelease, type Release } from './make-release.ts';

/** What newer versions have than the oldest that the plugin runs on. */
const tooNew =
  /\b(?:(?:Map|Object)\.groupBy|Promise\.(?:withResolvers|try)|Array\.fromAsync|RegExp\.escape|Iterator\.from)\b/;

describe('a release of the kubectl plugin', () => {
  let directory: string;
  let release: Release;
  let text: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'autoweave-release-'));
    release = await makeRelease({ directory, version: '1.2.3', releaseUrl: 'https://example.org/v1.2.3' });
    text = await readFile(release.program, 'utf8');
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('is one file that can be run, in any directory', async () => {
    expect(text).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect((await stat(release.program)).mode & 0o777).toBe(0o755);
    expect(await runCommand(process.execPath, [release.program, '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('is small, and uses nothing that Node 20 lacks', () => {
    expect(release.bytes).toBeLessThan(600_000);
    expect(text).not.toMatch(tooNew);
  });

  it('has the same bytes each time, and no trace of this machine', async () => {
    expect((await bundlePlugin()).text).toBe(text);
    for (const trace of [join(import.meta.dirname, '../../..'), homedir(), tmpdir()])
      expect(text).not.toContain(`${trace}/`);
  });

  it('holds the licence of every package in it', async () => {
    const { inputs } = await bundlePlugin();
    const names = Object.keys(inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
    const packages = new Set(names.filter((name) => name !== undefined));
    expect(packages).toContain('commander');
    for (const name of packages) expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(\\S+\\)$`, 'm'));
  });

  it('holds neither Redis, nor the validators, nor the telemetry', async () => {
    const { inputs } = await bundlePlugin();
    expect(Object.keys(inputs).filter((path) => /ioredis|ajv|pino|opentelemetry|bullmq/.test(path))).toEqual([]);
  });

  it('is packed for krew, with its licence', async () => {
    const listing = await runCommand('tar', ['-tvzf', release.archive]);
    expect(listing).toMatch(/^-rw-r--r-- .* LICENSE$/m);
    expect(listing).toMatch(/^-rwxr-xr-x .* kubectl-autoweave$/m);
    await runCommand('tar', ['-xzf', release.archive, '-C', directory, 'LICENSE']);
    expect(await readFile(join(directory, 'LICENSE'), 'utf8')).toContain('Apache License');
  });

  it('is named in the manifest of krew', async () => {
    const sha256 = createHash('sha256')
      .update(await readFile(release.archive))
      .digest('hex');
    expect(parse(await readFile(release.manifest, 'utf8'))).toMatchObject({
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'autoweave' },
      spec: {
        version: 'v1.2.3',
        shortDescription: expect.stringMatching(/^.{10,50}$/),
        platforms: [
          {
            uri: 'https://example.org/v1.2.3/kubectl-autoweave-v1.2.3.tar.gz',
            sha256,
            bin: 'kubectl-autoweave',
          },
        ],
      },
    });
  });
});
