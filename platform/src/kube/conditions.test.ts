import { describe, expect, it } from 'vitest';
import { findCondition, isConditionTrue, removeCondition, setCondition } from './conditions.ts';

const early = new Date('2026-11-21T10:00:00.123Z');
const late = new Date('2026-11-21T11:00:00.456Z');
const ready = { type: 'Ready', status: 'True', reason: 'Succeeded', message: '', observedGeneration: 1 } as const;

describe('setting a condition', () => {
  it('adds it, with the time in whole seconds as the API server keeps it', () => {
    expect(setCondition([], ready, early)).toEqual([{ ...ready, lastTransitionTime: '2026-11-21T10:00:00Z' }]);
  });

  it('keeps the transition time while the status stays, whatever else changes', () => {
    const conditions = setCondition([], ready, early);
    const next = setCondition(conditions, { ...ready, reason: 'Again', message: 'm', observedGeneration: 2 }, late);
    expect(next).toEqual([
      { ...ready, reason: 'Again', message: 'm', observedGeneration: 2, lastTransitionTime: '2026-11-21T10:00:00Z' },
    ]);
  });

  it('moves the transition time when the status flips', () => {
    const next = setCondition(setCondition([], ready, early), { ...ready, status: 'False', reason: 'Failed' }, late);
    expect(findCondition(next, 'Ready')).toMatchObject({ status: 'False', lastTransitionTime: '2026-11-21T11:00:00Z' });
  });

  it('leaves the others, and their order, alone', () => {
    const conditions = setCondition(setCondition([], ready, early), { ...ready, type: 'Loaded' }, early);
    const next = setCondition(conditions, { ...ready, status: 'Unknown' }, late);
    expect(next.map(({ type }) => type)).toEqual(['Ready', 'Loaded']);
    expect(next[1]).toBe(conditions[1]);
  });

  it('drops a message or generation that is no longer said', () => {
    const without = { type: 'Ready', status: 'True', reason: 'Succeeded', message: '' } as const;
    const [next] = setCondition(setCondition([], ready, early), without, late);
    expect(next).not.toHaveProperty('observedGeneration');
  });
});

describe('conditions', () => {
  it('are true only when present and True', () => {
    const conditions = setCondition([], { ...ready, status: 'Unknown' }, early);
    expect(isConditionTrue(conditions, 'Ready')).toBe(false);
    expect(isConditionTrue(conditions, 'Absent')).toBe(false);
    expect(isConditionTrue(setCondition([], ready, early), 'Ready')).toBe(true);
  });

  it('can be removed', () => {
    expect(removeCondition(setCondition([], ready, early), 'Ready')).toEqual([]);
  });
});
