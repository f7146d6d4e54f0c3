import { describe, expect, it } from 'vitest';
import { isExact, matchDelivery } from './delivery.ts';
import type { Sent } from './delivery.ts';

const sent: Sent[] = [
  { key: 'a/1/attach', device: 'a', dueAt: 0 },
  { key: 'b/1/attach', device: 'b', dueAt: 10 },
  { key: 'a/1/detach', device: 'a', dueAt: 1000 },
  { key: 'a/1/attach', device: 'a', dueAt: 2000 },
];
const all = [
  { key: 'a/1/attach', at: 1 },
  { key: 'b/1/attach', at: 13 },
  { key: 'a/1/detach', at: 1002 },
  { key: 'a/1/attach', at: 2005 },
];

describe('a delivery', () => {
  it('is exact when each event arrived once, in the order of its device', () => {
    const delivery = matchDelivery(
      sent,
      [all[1], all[0], all[2], all[3]].filter((arrival) => arrival !== undefined),
    );
    expect(delivery.latencies).toEqual([1, 3, 2, 5]);
    expect(isExact(delivery)).toBe(true);
  });

  it('counts what is missing, without giving its successor the blame', () => {
    const delivery = matchDelivery(sent, all.slice(1));
    expect(delivery).toMatchObject({ received: 3, missing: 1, extra: 0, latencies: [undefined, 3, 2, 5] });
    expect(isExact(delivery)).toBe(false);
  });

  it.each([
    ['twice', [...all, { key: 'a/1/attach', at: 2006 }]],
    ['unsent', [...all, { key: 'c/1/attach', at: 2006 }]],
  ])('counts what arrived %s', (_, arrivals) => {
    expect(matchDelivery(sent, arrivals)).toMatchObject({ missing: 0, extra: 1 });
  });

  it('counts what arrived after its successor', () => {
    const late = [
      { key: 'a/1/detach', at: 1500 },
      { key: 'a/1/attach', at: 1501 },
    ];
    expect(matchDelivery(sent.slice(0, 3), late)).toMatchObject({ received: 2, outOfOrder: 1 });
  });

  it('may come a moment early for somebody who polls', () => {
    expect(matchDelivery(sent.slice(1, 2), [{ key: 'b/1/attach', at: 7 }]).latencies).toEqual([-3]);
  });
});
