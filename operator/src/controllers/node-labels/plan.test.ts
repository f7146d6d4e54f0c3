import { nodeLabels } from '@autoweave/crds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flapMilliseconds,
  type Labels,
  type Memory,
  type NodeLabelsWorld,
  planNodeLabels,
  type PlacementTerms,
  type Sighting,
} from './plan.ts';

const product = nodeLabels.product('046d', 'c31c');
const pluginLabel = nodeLabels.plugin('u1');
const runnerLabel = nodeLabels.runner('lab');
const graceMilliseconds = 300_000;
const placements = new Map<string, PlacementTerms>([[pluginLabel, { graceMilliseconds, runnerLabel: undefined }]]);
const now = 1_000_000_000;

function plan(known: Labels, sightings: readonly Sighting[], more: Partial<NodeLabelsWorld> = {}) {
  return planNodeLabels({ known, sightings, placements, memory: new Map(), now, ...more });
}

function device(present: boolean, since?: number): Sighting {
  return { present, since, labels: [product, pluginLabel] };
}

describe('the labels of a node', () => {
  it('come with the first device', () => {
    expect(plan({}, [device(true)])).toMatchObject({
      labels: { [product]: 'true', [pluginLabel]: 'true' },
      dueAt: undefined,
    });
  });

  it('do not come for a device that has left', () => {
    expect(plan({}, [device(false, now)]).labels).toEqual({});
  });

  it('outlast a reset, and then say that the device is away', () => {
    const known = { [product]: 'true', [pluginLabel]: 'true' };
    const away = plan(known, [device(false, now - 1_000)]);
    expect(away).toMatchObject({ labels: known, dueAt: now - 1_000 + flapMilliseconds });
    const later = plan(known, [device(false, now - 1_000)], { now: away.dueAt ?? 0 });
    expect(later).toMatchObject({ labels: { [pluginLabel]: 'true' }, dueAt: now - 1_000 + graceMilliseconds });
  });

  it('keep the plugin for its grace, counted from the last device', () => {
    const known = { [pluginLabel]: 'true' };
    const left = [device(false, now - graceMilliseconds), device(false, now - 10)];
    expect(plan(known, left).labels).toEqual(known);
    expect(plan(known, [device(false, now - graceMilliseconds)]).labels).toEqual({});
  });

  it('go at once with the plugin', () => {
    const known = { [pluginLabel]: 'true', [product]: 'true' };
    expect(plan(known, [device(true)], { placements: new Map() }).labels).toEqual({ [product]: 'true' });
  });

  it('keep the runner of a namespace as long as one of its plugins', () => {
    const shared = { graceMilliseconds, runnerLabel };
    const two = new Map<string, PlacementTerms>([
      [pluginLabel, shared],
      [nodeLabels.plugin('u2'), shared],
    ]);
    const known = { [pluginLabel]: 'true', [nodeLabels.plugin('u2')]: 'true', [runnerLabel]: 'true' };
    const sightings = [{ present: true, since: undefined, labels: [nodeLabels.plugin('u2')] }];
    const memory = new Map([[pluginLabel, { at: now - graceMilliseconds, seen: undefined }]]);
    const { [pluginLabel]: _gone, ...rest } = known;
    expect(plan(known, sightings, { memory, placements: two }).labels).toEqual(rest);
    expect(plan({ [runnerLabel]: 'true' }, [], { placements: two }).labels).toEqual({});
  });

  it('are not taken by a node whose clock is slow from a device that was just seen there', () => {
    const known = { [pluginLabel]: 'true' };
    const memory = plan(known, [device(true)]).memory;
    const gone = plan(known, [device(false, now - 10 * graceMilliseconds)], { memory });
    expect(gone.labels).toHaveProperty([pluginLabel]);
    expect(gone.dueAt).toBe(now + graceMilliseconds);
  });

  it('are not kept for ever by a node whose clock is fast', () => {
    const known = { [pluginLabel]: 'true' };
    const gone = plan(known, [device(false, now + 1e12)]);
    expect(gone.dueAt).toBe(now + graceMilliseconds);
    const later = plan(known, [device(false, now + 1e12)], { now: now + graceMilliseconds, memory: gone.memory });
    expect(later.labels).toEqual({});
  });

  it('outlast a UsbDevice that somebody deletes by mistake', () => {
    const known = { [pluginLabel]: 'true' };
    const lost = plan(known, []);
    expect(lost).toMatchObject({ labels: known, dueAt: now + graceMilliseconds });
    const still = plan(known, [], { now: now + 1_000, memory: lost.memory });
    expect(still).toMatchObject({ labels: known, dueAt: now + graceMilliseconds });
    expect(plan(known, [device(true)], { now: now + 2_000, memory: still.memory }).dueAt).toBeUndefined();
  });

  it('settle: the same world again changes nothing', () => {
    fc.assert(
      fc.property(arbitraryWorld, ({ known, sightings }) => {
        const first = plan(known, sightings);
        const second = plan(first.labels, sightings, { memory: first.memory });
        expect(second).toEqual(first);
      }),
    );
  });

  it('follow devices through flaps, late passes and restarts of the operator', () => {
    fc.assert(
      fc.property(fc.array(arbitraryStep, { minLength: 5, maxLength: 40 }), (steps) => followsDevice(steps)),
      { numRuns: 2_000 },
    );
  });
});

type Step =
  | { readonly type: 'flip' }
  | { readonly type: 'wait'; readonly milliseconds: number }
  | { readonly type: 'pass' }
  | { readonly type: 'restart' };

const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({ type: 'flip' } as const),
  fc.record({ type: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: graceMilliseconds }) }),
  fc.constant({ type: 'pass' } as const),
  fc.constant({ type: 'restart' } as const),
);

const arbitraryWorld = fc.record({
  known: fc.dictionary(fc.constantFrom(product, pluginLabel, nodeLabels.plugin('gone')), fc.constant('true')),
  sightings: fc.array(
    fc.record({
      present: fc.boolean(),
      since: fc.option(fc.integer({ min: now - 2 * graceMilliseconds, max: now + 1_000 }), { nil: undefined }),
      labels: fc.subarray([product, pluginLabel]),
    }),
  ),
});

/** One device at one node. A pass comes whenever it comes; what it leaves must be right at that time. */
function followsDevice(steps: readonly Step[]): void {
  let [at, since, present] = [now, now, false];
  let labels: Labels = {};
  let memory: Memory = new Map();
  for (const step of steps) {
    if (step.type === 'wait') at += step.milliseconds;
    else if (step.type === 'restart') memory = new Map();
    else if (step.type === 'flip') [present, since] = [!present, at];
    else {
      const result = plan(labels, [device(present, since)], { now: at, memory });
      const expected = graces.filter(
        ([label, grace]) => present || (labels[label] !== undefined && at - since < grace),
      );
      expect(Object.keys(result.labels)).toEqual(expect.arrayContaining(expected.map(([label]) => label)));
      const possible = present ? [product, pluginLabel] : Object.keys(labels);
      expect(possible).toEqual(expect.arrayContaining(Object.keys(result.labels)));
      expect(result.dueAt ?? Infinity).toBeGreaterThan(at);
      ({ labels, memory } = result);
    }
  }
  const end = plan(labels, [device(false, since)], { now: at, memory });
  const afterwards = { now: at + graceMilliseconds, memory: end.memory };
  expect(plan(end.labels, [device(false, since)], afterwards).labels).toEqual({});
}

const graces = [
  [product, flapMilliseconds],
  [pluginLabel, graceMilliseconds],
] as const;
