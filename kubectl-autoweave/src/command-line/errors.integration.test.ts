import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runPlugin } from '../testing/run-plugin.ts';
import { sampleDevice, uniqueSignature } from '../testing/sample-objects.ts';
import { PluginCluster } from '../testing/plugin-cluster.ts';

describe('bad input', () => {
  let directory: string;
  let cluster: PluginCluster;
  const unique = uniqueSignature().slice(0, 15);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'autoweave-errors-'));
    cluster = await PluginCluster.connect(inject('kubeconfigPath'));
    for (const last of ['0', '1']) await cluster.put(sampleDevice({ name: `046d-c31c-${unique}${last}` }));
  });

  afterAll(async () => {
    await cluster.close();
    await rm(directory, { recursive: true });
  });

  const run = (...parameters: string[]) => runPlugin(parameters, { kubeconfigPath: inject('kubeconfigPath') });

  it.each([
    [
      ['tree', '--context', 'moon'],
      1,
      /^Error: AW_CONTEXT_UNKNOWN: --context moon: kubeconfig .* has no such context$/m,
    ],
    [
      ['tree', '--kubeconfig', '/nowhere/config'],
      1,
      /^Error: AW_KUBECONFIG_INVALID: Kubeconfig \/nowhere\/config could not be read/m,
    ],
    [
      ['why', `046d-c31c-${unique}`],
      1,
      /^Error: AW_DEVICE_AMBIGUOUS: device "046d-c31c-\w+": 2 UsbDevices are meant: 046d-c31c-/m,
    ],
    [['why', '../../nodes'], 1, /^Error: AW_DEVICE_UNKNOWN: device "\.\.\/\.\.\/nodes"/m],
    [['why', '\u001b[2J'], 1, /^Error: AW_DEVICE_UNKNOWN: device "\ufffd\[2J"/m],
    [['events', '--since', 'soon'], 2, /^Error: AW_CONFIG_INVALID: --since: "soon" is no duration/m],
    [['tree', '--request-timeout', 'x'], 2, /^Error: AW_CONFIG_INVALID: --request-timeout: "x" is no duration/m],
    [
      ['tree', '-o', 'xml'],
      2,
      /^Error: AW_CONFIG_INVALID: .*argument 'xml' is invalid\. Allowed choices are table, json, yaml\.$/m,
    ],
    [['events', '--folow'], 2, /^Error: AW_CONFIG_INVALID: unknown option '--folow' \(Did you mean --follow\?\)$/m],
    [['treee'], 2, /^Error: AW_CONFIG_INVALID: unknown command 'treee' \(Did you mean tree\?\)$/m],
    [['why'], 2, /^Error: AW_CONFIG_INVALID: missing required argument 'device'$/m],
    [
      ['completion', 'csh'],
      2,
      /^Error: AW_CONFIG_INVALID: shell "csh" is not known; there are bash, zsh, fish, kubectl$/m,
    ],
  ])('%j ends with %i and says what is wrong and what to do', async (parameters, code, message) => {
    const { stdout, stderr, code: actual } = await run(...parameters);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\nRemedy: .+\n$/);
    expect([stdout, actual]).toEqual(['', code]);
  });

  it.each([
    ['tree', 1],
    ['doctor', 2],
  ])('%s says which server it cannot reach', async (command, code) => {
    const path = join(directory, 'config');
    const contexts = [{ name: 'c', context: { cluster: 'c' } }];
    const clusters = [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }];
    await writeFile(path, JSON.stringify({ 'current-context': 'c', contexts, clusters }));
    const result = await run(command, '--kubeconfig', path);
    expect(result.code).toBe(code);
    expect(result.stdout + result.stderr).toContain(`server https://127.0.0.1:1/ of ${path}: GET /`);
    expect(result.stdout + result.stderr).toContain('Check the server address of the kubeconfig');
  });

  it.each([['--help'], ['tree', '--help'], ['events', '-h'], ['help', 'doctor'], []])(
    '%j is answered with help',
    async (...parameters) => {
      const { code, stdout, stderr } = await run(...parameters);
      expect(stdout).toMatch(/^Usage: kubectl autoweave/);
      expect(stdout).toContain('--kubeconfig <path>');
      expect(stdout).toContain('Examples:\n  kubectl autoweave ');
      expect([code, stderr]).toEqual([0, '']);
    },
  );
});
