import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { PluginCluster } from '../testing/plugin-cluster.ts';
import { runPlugin, type PluginRun } from '../testing/run-plugin.ts';
import { attachment, sampleDevice, sampleNode, samplePlugin, uniqueSignature } from '../testing/sample-objects.ts';

describe('kubectl autoweave why', () => {
  let cluster: PluginCluster;
  let namespace: string;
  const unique = uniqueSignature();
  const node = `desk-${unique}`;
  const device = `046d-c31c-${unique}`;

  beforeAll(async () => {
    cluster = await PluginCluster.connect(inject('kubeconfigPath'));
    namespace = await cluster.namespace('why');
    await cluster.put(sampleNode(node));
    await cluster.put(
      sampleDevice({ name: device, spec: { alias: `keys-${unique}` }, attachments: [attachment(node)] }),
    );
    const workers = [{ node, state: 'Loaded' }] as const;
    await cluster.put(samplePlugin({ name: 'runs', namespace, status: { workers } }));
    await cluster.put(samplePlugin({ name: 'sleeps', namespace, spec: { suspend: true } }));
    await cluster.put(
      samplePlugin({
        name: 'other',
        namespace,
        spec: { triggers: [{ actions: ['attach'], match: { vendorIds: ['0781'] } }] },
      }),
    );
  });

  afterAll(() => cluster.close());

  const run = (...parameters: string[]): Promise<PluginRun> =>
    runPlugin(['why', ...parameters], { kubeconfigPath: inject('kubeconfigPath') });

  it('tells what the device is, where it is, and what each plugin does about it', async () => {
    const { code, stdout, stderr } = await run(device, '-n', namespace);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Device +${device}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^Alias +keys-${unique}$`, 'm'));
    expect(stdout).toMatch(/^Known +by node and port, since it has no serial number to trust$/m);
    expect(stdout).toMatch(new RegExp(`^At +node ${node}, port 1, since 2026-01-02T03:04:05.678Z`, 'm'));
    const verdicts = stdout.split('\n').filter((line) => line.startsWith(`${namespace}/`));
    expect(verdicts.map((line) => line.split(/ {2,}/).slice(0, 2).join(' ').replace(`${namespace}/`, ''))).toEqual([
      'runs Runs',
      'sleeps Blocked',
      'other NoMatch',
    ]);
    expect(stdout).toContain(`it is loaded at node ${node}`);
    expect(stdout).toContain('spec.suspend is true');
    expect(stdout).toContain('vendorIds wants 0781, the device has 046d');
  });

  it('finds the device by alias and by the beginning of its name, and says the same in JSON and YAML', async () => {
    const json: unknown = JSON.parse((await run(`keys-${unique}`, '-n', namespace, '-o', 'json')).stdout);
    expect(json).toMatchObject({
      device: { name: device, state: 'Attached', identityQuality: 'Port' },
      attachments: [{ node, present: true, port: '1' }],
      plugins: [{ verdict: 'Runs' }, { verdict: 'Blocked' }, { plugin: `${namespace}/other`, verdict: 'NoMatch' }],
    });
    const yaml = await run(device.slice(0, 22), '-n', namespace, '-o', 'yaml');
    expect(parse(yaml.stdout, { version: '1.1' })).toEqual(json);
  });

  it('does without what the caller may not see', async () => {
    await cluster.grant(`viewer-${unique}`, [
      { apiGroups: ['autoweave.dev'], resources: ['*'], verbs: ['get', 'list'] },
    ]);
    const { code, stdout } = await run(device, '-n', namespace, '--as', `viewer-${unique}`);
    expect(code).toBe(0);
    expect(stdout).toContain(`it is loaded at node ${node}`);
    const refused = await run(device, '--as', `nobody-${unique}`);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^Error: AW_KUBE_REFUSED: .*cannot get resource "usbdevices".*\nRemedy: /);
  });
});
