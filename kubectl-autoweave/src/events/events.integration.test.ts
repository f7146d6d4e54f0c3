import { eventAnnotations, resources, type UsbDevice } from '@autoweave/crds';
import { EventRecorder, type KubeObject } from '@autoweave/platform/kube';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { PluginCluster } from '../testing/plugin-cluster.ts';
import { runPlugin, type PluginRun } from '../testing/run-plugin.ts';
import { attachment, sampleDevice, uniqueSignature } from '../testing/sample-objects.ts';
import { InterruptedError } from '../command-line/report-error.ts';

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

describe('kubectl autoweave events', () => {
  let cluster: PluginCluster;
  let recorder: EventRecorder;
  let device: UsbDevice;
  const unique = uniqueSignature();
  const node = `desk-${unique}`;
  const attachId = `${node}/epoch/1`;

  beforeAll(async () => {
    cluster = await PluginCluster.connect(inject('kubeconfigPath'));
    const logger = createLogger({ name: 'test', level: 'error' });
    const metrics = new MetricsRegistry();
    recorder = new EventRecorder({
      client: cluster.client,
      controller: 'autoweave.dev/operator',
      instance: 'o',
      logger,
      metrics,
    });
    const attachments = [attachment(node, { since: minutesAgo(5), lastEventId: `${node}/epoch/2`, present: false })];
    device = await cluster.put(
      sampleDevice({ name: `046d-c31c-${unique}`, spec: { alias: `keys-${unique}` }, attachments }),
    );
    await record(device, 'UsbAttached', attachId);
  });

  afterAll(async () => {
    await recorder.stop();
    await cluster.close();
  });

  async function record(object: KubeObject, reason: string, hotplugEvent: string): Promise<void> {
    const annotations = {
      [eventAnnotations.node]: node,
      [eventAnnotations.device]: device.metadata.name,
      [eventAnnotations.hotplugEvent]: hotplugEvent,
    };
    const name = `${object.metadata.name}.${uniqueSignature()}`;
    await recorder.record({ object, type: 'Normal', reason, message: `told of ${hotplugEvent}`, name, annotations });
  }

  const run = (...parameters: string[]): Promise<PluginRun> =>
    runPlugin(['events', ...parameters], { kubeconfigPath: inject('kubeconfigPath') });
  const reasons = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { reason: string; source: string })
      .map(({ reason, source }) => `${reason} ${source}`);

  it('shows what Events and devices tell, oldest first', async () => {
    const { code, stdout, stderr } = await run('--node', node);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^TIME +TYPE +REASON +NODE +OBJECT +MESSAGE$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(1))).toEqual([
      [
        'Normal',
        'UsbDetached',
        node,
        device.metadata.name,
        `Logitech USB Keyboard was plugged out of node ${node}, port 1`,
      ],
      ['Normal', 'UsbAttached', node, device.metadata.name, `told of ${attachId}`],
    ]);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('is limited to a time, and to a device by alias or beginning of its name', async () => {
    expect(reasons((await run('--since=2m', '--node', node, '-o', 'json')).stdout)).toEqual(['UsbAttached Event']);
    const byAlias = await run('--device', `keys-${unique}`, '-o', 'json');
    expect(reasons(byAlias.stdout)).toEqual(['UsbDetached UsbDevice', 'UsbAttached Event']);
    expect((await run('--device', device.metadata.name.slice(0, 20), '-o', 'json')).stdout).toBe(byAlias.stdout);
    const nothing = await run('--node', node, '--since=0s');
    expect([nothing.code, nothing.stdout]).toEqual([0, '']);
    expect(nothing.stderr).toMatch(/^Nothing happened/);
  });

  it('is a stream of documents as YAML', async () => {
    const { stdout } = await run('--node', node, '-o', 'yaml');
    expect(parseAllDocuments(stdout).map((document) => (document.toJS() as { device: string }).device)).toEqual([
      device.metadata.name,
      device.metadata.name,
    ]);
  });

  it('follows what happens, each thing once, until it is interrupted', async () => {
    const interrupt = new AbortController();
    onTestFinished(() => interrupt.abort());
    let seen = '';
    const running = runPlugin(['events', '--follow', '--node', node, '-o', 'json'], {
      kubeconfigPath: inject('kubeconfigPath'),
      signal: interrupt.signal,
      onOutput: (text) => (seen += text),
    });
    await expect.poll(() => reasons(seen)).toHaveLength(2);
    await setPresence(true, 3);
    await record(device, 'UsbAttached', `${node}/epoch/3`);
    await expect.poll(() => reasons(seen).length).toBeGreaterThanOrEqual(3);
    await setPresence(false, 4);
    await expect.poll(() => reasons(seen).at(-1)).toBe('UsbDetached UsbDevice');
    interrupt.abort(new InterruptedError('SIGINT'));
    const { code, stderr } = await running;
    expect([code, stderr]).toEqual([130, '']);
    expect(reasons(seen).map((line) => line.split(' ')[0])).toEqual([
      'UsbDetached',
      'UsbAttached',
      'UsbAttached',
      'UsbDetached',
    ]);
  });

  async function setPresence(present: boolean, sequence: number): Promise<void> {
    const attachments = [
      attachment(node, { present, since: new Date().toISOString(), lastEventId: `${node}/epoch/${sequence}` }),
    ];
    await cluster.client.apply<UsbDevice>(
      resources.usbDevice,
      { metadata: { name: device.metadata.name }, status: { attachments } },
      { fieldManager: 'kubectl-autoweave-test-agent', subresource: 'status', force: true },
    );
  }
});
