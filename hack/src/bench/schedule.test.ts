import { describe, expect, it } from 'vitest';
import { AddressBook, churn, stays } from './schedule.ts';

describe('a schedule', () => {
  it('of a churn has the rate asked for, and ends with every port empty', () => {
    const events = churn({ ports: [1, 2, 3], eventsPerSecond: 60, seconds: 1 });
    expect(events).toHaveLength(60);
    expect(events.slice(0, 7).map(({ dueAt, action, port }) => [Math.round(dueAt), action, port])).toEqual([
      [0, 'attach', 1],
      [17, 'attach', 2],
      [33, 'attach', 3],
      [50, 'detach', 1],
      [67, 'detach', 2],
      [83, 'detach', 3],
      [100, 'attach', 1],
    ]);
    expect(events.slice(-3).map(({ action }) => action)).toEqual(['detach', 'detach', 'detach']);
  });

  it('of stays attaches each port for half a period, out of step, and ends with every port empty', () => {
    const events = stays({ ports: [1, 2], periodSeconds: 10, seconds: 25 });
    const ofPort = (port: number) => events.filter((event) => event.port === port).map(({ dueAt }) => dueAt);
    expect(ofPort(1)).toEqual([0, 5000, 10_000, 15_000]);
    expect(ofPort(2)).toEqual([2500, 7500, 12_500, 17_500]);
  });

  it('numbers each attach anew, and each detach as its attach, over schedules', () => {
    const book = new AddressBook();
    const schedule = () => churn({ ports: [1], eventsPerSecond: 4, seconds: 1 });
    expect(book.number(schedule()).map(({ address }) => address)).toEqual([3, 3, 4, 4]);
    expect(book.number(schedule()).map(({ address }) => address)).toEqual([5, 5, 6, 6]);
  });
});
