import { labels, nodeLabels, type AutoWeavePlugin, type UsbDevice } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import type { ClusterNode, Pod } from '../cluster/kinds.ts';
import { attachment, sampleDevice, samplePlugin } from '../testing/sample-objects.ts';
import { explainPlugin, type PluginWorld } from './explain-plugin.ts';

const now = Date.parse('2026-01-02T03:04:10Z');
const keyboard = sampleDevice({ attachments: [attachment('desk-1')] });
const away = sampleDevice({ attachments: [attachment('desk-1', { present: false })] });

function explain(plugin: AutoWeavePlugin, device: UsbDevice = keyboard, world: Partial<PluginWorld> = {}): string {
  const unknown = { pods: undefined, nodes: undefined };
  const { verdict, reasons } = explainPlugin(plugin, device, { isDeviceBlocked: false, pods: unknown, now, ...world });
  return `${verdict}: ${reasons.join(' / ')}`;
}

const ready = (message: string) => [
  { type: 'Ready', status: 'False', reason: 'x', message, lastTransitionTime: '2026-01-02T03:04:05Z' } as const,
];

describe('why a plugin runs for a device, or does not', () => {
  it('runs where it matches, is permitted and is loaded', () => {
    expect(explain(samplePlugin({}))).toBe(
      'Runs: trigger 1 (attach, detach) matches / permission 1 of its manifest covers it / it is loaded at node desk-1',
    );
  });

  it('does not match, and each trigger says what it wants', () => {
    const triggers = [
      { actions: ['attach'], match: { vendorIds: ['0781'], deviceClasses: ['08'] } },
      { actions: ['detach'], match: { serialNumbers: ['A1', 'A2'] } },
    ] as const;
    expect(explain(samplePlugin({ spec: { triggers } }))).toBe(
      'NoMatch: trigger 1 (attach): vendorIds wants 0781, the device has 046d; deviceClasses wants 08, the device has 00, 03 / ' +
        'trigger 2 (detach): serialNumbers wants A1 or A2, the device has none',
    );
    expect(explain(samplePlugin({ spec: { triggers: [] } }))).toBe('NoMatch: it has no triggers; only jobs run it');
  });

  it.each<[string, AutoWeavePlugin, string]>([
    ['is suspended', samplePlugin({ spec: { suspend: true } }), 'Blocked: … / spec.suspend is true'],
    [
      'was rejected',
      {
        ...samplePlugin({}),
        status: { phase: 'Rejected', conditions: ready('AW_MANIFEST_INVALID: entry is missing') },
      },
      'Blocked: … / its phase is Rejected: AW_MANIFEST_INVALID: entry is missing',
    ],
    [
      'is not permitted',
      { ...samplePlugin({}), status: { phase: 'Rejected', conditions: ready('AW_PLUGIN_NOT_PERMITTED: not signed') } },
      'Blocked: … / its phase is Rejected: AW_PLUGIN_NOT_PERMITTED: not signed',
    ],
    ['is new', { ...samplePlugin({}), status: {} }, 'Waits: … / the operator has not looked at it yet'],
    [
      'has a manifest without this vendor',
      samplePlugin({ status: { permissions: { usb: [{ operation: 'monitor', vendorIds: ['0781'] }] } } }),
      'Blocked: … / permission 1 of its manifest does not cover it: vendorIds wants 0781, the device has 046d',
    ],
    [
      'has a manifest without devices',
      samplePlugin({ status: { permissions: {} } }),
      'Blocked: … / its manifest asks for no USB device (permissions.usb)',
    ],
    [
      'failed at the node',
      samplePlugin({
        status: { workers: [{ node: 'desk-1', state: 'Failed', code: 'AW_PLUGIN_LOAD_FAILED', message: 'no x' }] },
      }),
      'Blocked: … / permission 1 of its manifest covers it / at node desk-1 it is Failed: AW_PLUGIN_LOAD_FAILED: no x',
    ],
    [
      'finds no executor there',
      samplePlugin({ status: { workers: [{ node: 'desk-9', state: 'Loaded' }] } }),
      'Waits: … / permission 1 of its manifest covers it / node desk-1 has no executor that the operator knows of (status.workers)',
    ],
  ])('says that it %s', (_what, plugin, expected) => {
    expect(explain(plugin)).toBe(expected.replace('…', 'trigger 1 (attach, detach) matches'));
  });

  it('waits for a device that is away, and is blocked by what blocks the device', () => {
    expect(explain(samplePlugin({}), away)).toMatch(/^Waits: .* \/ no node holds the device$/);
    expect(explain(samplePlugin({}), keyboard, { isDeviceBlocked: true })).toMatch(
      /^Blocked: .* blocks it, see above$/,
    );
  });

  it('tells the latest result for this device', () => {
    const result = { jobId: 'j', type: 'usb.attach', node: 'desk-1', finishedAt: '2026-01-02T03:04:00Z' };
    const last = [
      { ...result, device: 'other', state: 'Succeeded' },
      { ...result, device: keyboard.metadata.name, state: 'Failed', code: 'AW_PLUGIN_THREW', message: 'no' },
    ] as const;
    const plugin = samplePlugin({ status: { results: { last } } });
    const world = { isDeviceBlocked: false, pods: { pods: undefined, nodes: undefined }, now };
    expect(explainPlugin(plugin, keyboard, world).lastResult).toBe(
      'usb.attach Failed at node desk-1 10s ago: AW_PLUGIN_THREW: no',
    );
  });
});

describe('a plugin in pods', () => {
  const plugin = samplePlugin({ spec: { runtime: 'Pod' }, status: { workers: [] } });
  const node = (labelled: boolean): ClusterNode => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'desk-1', labels: labelled ? { [nodeLabels.plugin('u-1')]: 'true' } : {} },
  });
  const pod = (waiting?: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'awp-inventory-x', namespace: 'default', labels: { [labels.plugin]: 'inventory' } },
    spec: { nodeName: 'desk-1' },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'Ready', status: waiting === undefined ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: 'plugin',
          ready: false,
          restartCount: 0,
          state: waiting === undefined ? {} : { waiting: { reason: waiting } },
        },
      ],
    },
  });
  const world = (labelled: boolean, pods: readonly Pod[]) => ({
    pods: { pods, nodes: new Map([['desk-1', node(labelled)]]) },
  });

  it.each([
    [
      'that the node lacks the placement label',
      world(false, [pod()]),
      /node desk-1 lacks the label placement\.autoweave\.dev\/u-1/,
    ],
    ['that no pod is there', world(true, []), /no pod of it is at node desk-1; see what makes them: awp-inventory/],
    [
      'what its pod waits for',
      world(true, [pod('ImagePullBackOff')]),
      /pod awp-inventory-x is Pending .*container plugin waits: ImagePullBackOff/,
    ],
    ['that the caller may not look', { pods: { pods: undefined, nodes: undefined } }, /you may not list the pods/],
  ])('says %s', (_what, given, reason) => {
    expect(explain(plugin, keyboard, given)).toMatch(/^Waits: /);
    expect(explain(plugin, keyboard, given)).toMatch(reason);
  });

  it('says how long its pod stays after the device has gone', () => {
    expect(explain(plugin, away, world(true, [pod()]))).toContain(
      'its pod stays at node desk-1 until 2026-01-02T03:09:05.678Z at least (spec.placement.detachGraceSeconds is 300)',
    );
    expect(explain(plugin, away, world(false, []))).not.toContain('stays');
  });
});
