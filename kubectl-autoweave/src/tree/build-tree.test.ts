import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment, sampleDevice } from '../testing/sample-objects.ts';
import { buildBuses, type TreeBus, type TreePort } from './build-tree.ts';
import { treeEntries, type TreeEntry } from './tree-device.ts';
import { treeRows } from './tree-rows.ts';
import { textOf } from '../terminal/table.ts';

const entry = (bus: number | undefined, port: string, given: Partial<TreeEntry> = {}): TreeEntry => ({
  node: 'desk-1',
  present: true,
  bus,
  port,
  device: { name: `at-${port}`, state: 'Attached' },
  ...given,
});

const places = (buses: readonly TreeBus[]): string[] =>
  [...treeRows({ name: 'desk-1', ready: true, buses })].map((row) =>
    `${textOf(row[0] ?? '')} ${textOf(row[1] ?? '')}`.trimEnd(),
  );

describe('the tree of a node', () => {
  it('hangs devices on hubs, hubs on buses, in the order of the ports', () => {
    const entries = [entry(2, '1'), entry(1, '10'), entry(1, '2.1'), entry(1, '2'), entry(1, '2.1.4')];
    expect(places(buildBuses(entries))).toEqual([
      'desk-1',
      '├─ bus 1',
      '│  ├─ 2 at-2',
      '│  │  └─ 2.1 at-2.1',
      '│  │     └─ 2.1.4 at-2.1.4',
      '│  └─ 10 at-10',
      '└─ bus 2',
      '   └─ 1 at-1',
    ]);
  });

  it('shows the hubs that are not listed', () => {
    const [bus] = buildBuses([entry(1, '3.2')]);
    expect(bus?.ports).toEqual([{ port: '3', ports: [{ port: '3.2', device: entry(1, '3.2').device, ports: [] }] }]);
  });

  it('shows what was there after what is there', () => {
    const away = entry(1, '1', { present: false, device: { name: 'away', state: 'Detached' } });
    expect(places(buildBuses([away, entry(1, '1'), entry(1, '2')]))).toEqual([
      'desk-1',
      '└─ bus 1',
      '   ├─ 1 at-1',
      '   ├─ 2 at-2',
      '   └╴ 1 away',
    ]);
  });

  it('has a place for devices of an unknown bus or port', () => {
    const unknown = { ...entry(undefined, ''), port: undefined };
    expect(places(buildBuses([unknown, entry(1, '1')]))).toEqual([
      'desk-1',
      '├─ bus 1',
      '│  └─ 1 at-1',
      '└─ bus unknown',
      '   └─ ? at-',
    ]);
  });

  it('shows each device once, whatever hangs where', () => {
    const path = fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
      .map((steps) => steps.join('.'));
    const some = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), path, fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(some, (all) => {
        const entries = all.map(([bus, port, present], index) =>
          entry(bus, port, { present, device: { name: `d${index}`, state: 'Attached' } }),
        );
        const shown = buildBuses(entries).flatMap(({ ports, absent }) => [
          ...names(ports),
          ...absent.map(({ device }) => device.name),
        ]);
        expect(shown.toSorted()).toEqual(entries.map(({ device }) => device.name).toSorted());
      }),
    );
  });
});

function names(ports: readonly TreePort[]): string[] {
  return ports.flatMap(({ device, ports: below }) => [...(device === undefined ? [] : [device.name]), ...names(below)]);
}

describe('the entries of a device', () => {
  it('are the nodes that hold it, and, when asked for, those that held it', () => {
    const device = sampleDevice({ attachments: [attachment('a'), attachment('b', { present: false })] });
    expect(treeEntries(device, false).map(({ node, device: { state } }) => [node, state])).toEqual([['a', 'Attached']]);
    expect(treeEntries(device, true).map(({ node, device: { state } }) => [node, state])).toEqual([
      ['a', 'Attached'],
      ['b', 'Detached'],
    ]);
  });

  it('say that it is at two nodes, or missing though it is expected', () => {
    const twice = sampleDevice({ attachments: [attachment('a'), attachment('b')] });
    expect(treeEntries(twice, false).map(({ device }) => device.state)).toEqual(['Conflicted', 'Conflicted']);
    const missing = sampleDevice({ spec: { expected: true }, attachments: [attachment('a', { present: false })] });
    expect(treeEntries(missing, true).map(({ device }) => device.state)).toEqual(['Missing']);
  });

  it('take the bus from the name in sysfs when an older agent tells no number', () => {
    const { busNumber: _busNumber, ...older } = attachment('a', { sysfsName: '3-1.4' });
    expect(treeEntries(sampleDevice({ attachments: [older] }), false)[0]?.bus).toBe(3);
  });
});
