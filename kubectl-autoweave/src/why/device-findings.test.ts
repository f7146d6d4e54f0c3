import { readFileSync } from 'node:fs';
import { groupVersion, type AutoWeavePolicy, type UsbDevice, type UsbNode } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { attachment, sampleDevice, sampleNode } from '../testing/sample-objects.ts';
import { deviceFindings } from './device-findings.ts';

const policy = (filters: object): AutoWeavePolicy => ({
  apiVersion: groupVersion,
  kind: 'AutoWeavePolicy',
  metadata: { name: 'default' },
  spec: { devices: { filters } },
});
const attached = sampleDevice({ attachments: [attachment('desk-1')] });

function find(
  device: UsbDevice,
  given: { policy?: AutoWeavePolicy; nodes?: readonly UsbNode[] } = {},
): readonly string[] {
  const nodes = new Map((given.nodes ?? [sampleNode('desk-1')]).map((node) => [node.metadata.name, node]));
  return deviceFindings(device, { policy: given.policy, nodes }).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );
}

describe('what is found about a device', () => {
  it('is nothing when all is well', () => {
    expect(find(attached)).toEqual([]);
    expect(
      find(attached, { policy: policy({ allow: [{ vendorId: '046d' }], deny: [{ deviceClass: '08' }] }) }),
    ).toEqual([]);
  });

  it('is that it is at two nodes', () => {
    const twice = sampleDevice({ attachments: [attachment('a'), attachment('b')] });
    expect(find(twice, { nodes: [sampleNode('a'), sampleNode('b')] })).toEqual([
      'Blocks: Plugged in at several nodes at once (a, b): nothing is routed to it until one is left',
    ]);
  });

  it.each([
    ['deny[1]', { deny: [{ vendorId: '0781' }, { deviceClass: '03' }] }],
    ['allow', { allow: [{ vendorId: '0781' }, { vendorId: '046d', productId: 'ffff' }] }],
  ])('is that the policy leaves it out by %s', (place, filters) => {
    expect(find(attached, { policy: policy(filters) })).toEqual([
      `Blocks: AutoWeavePolicy default (spec.devices.filters.${place}) leaves it out at node desk-1: it is neither listed nor told of`,
    ]);
  });

  it('is that its node leaves it out, whose filters count instead of those of the policy', () => {
    const own = (filters: object): UsbNode => ({ ...sampleNode('desk-1'), spec: { filters } });
    expect(find(attached, { nodes: [own({ deny: [{ vendorId: '046d' }] })] })[0]).toMatch(
      /^Blocks: UsbNode desk-1 \(spec\.filters\.deny\[0\]\)/,
    );
    expect(find(attached, { policy: policy({ deny: [{ vendorId: '046d' }] }), nodes: [own({})] })).toEqual([]);
  });

  it('is that the agent of its node is not well, or not there', () => {
    expect(find(attached, { nodes: [sampleNode('desk-1', { Ready: false })] })).toEqual([
      'Warning: The agent of node desk-1 is not Ready: Broken: Ready is broken',
    ]);
    expect(find(attached, { nodes: [] })[0]).toMatch(/^Warning: No agent has registered node desk-1/);
  });

  it('is that it is away, or was never seen', () => {
    expect(find(sampleDevice({ attachments: [attachment('desk-1', { present: false })] }))[0]).toMatch(
      /^Info: No node holds it now/,
    );
    expect(find(sampleDevice({}))[0]).toMatch(/^Info: No agent has seen it yet/);
  });

  it('is that a wish has no effect, as long as the documentation of the field says so', () => {
    const spec = { blocked: true, namespace: 'shop', allowedNodes: ['desk-1'], expected: true };
    const wishes = find(sampleDevice({ spec, attachments: [attachment('desk-1')] }));
    expect(wishes).toEqual(
      ['blocked', 'namespace', 'allowedNodes'].map((field) => `Info: spec.${field} is set, but nothing acts on it yet`),
    );
    const manifest = readFileSync(
      new URL('../../../crds/manifests/autoweave.dev_usbdevices.yaml', import.meta.url),
      'utf8',
    );
    expect(manifest.match(/Nothing\s+acts\s+on\s+it\s+yet/g)).toHaveLength(3);
  });
});
