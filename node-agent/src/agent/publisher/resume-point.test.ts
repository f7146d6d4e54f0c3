import { describe, expect, it } from 'vitest';
import { isAhead, resumePoint } from './resume-point.ts';

/** Events 41 to 60 of epoch `b`, whose base is 40, in a journal that has 31 to 60; 55 are acknowledged. */
const journal = {
  firstPosition: 31,
  acknowledged: 55,
  locate: (epoch: string, sequence: number) => (epoch === 'b' ? 40 + sequence : undefined),
};

describe('the point at which publishing goes on', () => {
  it('follows the last event that Redis has, also when that is less than it once confirmed', () => {
    expect(resumePoint({ epoch: 'b', sequence: 3 }, journal, false)).toEqual({ after: 43, complete: 43, jump: false });
  });

  it('is the start of the tail when Redis lost its mark', () => {
    expect(resumePoint(undefined, journal, false)).toEqual({ after: 30, complete: 0, jump: true });
    expect(resumePoint(undefined, journal, true)).toEqual({ after: 30, complete: 0, jump: true });
  });

  it('is the start of the tail when the mark is of a journal that is gone', () => {
    expect(resumePoint({ epoch: 'x', sequence: 9 }, journal, false)).toEqual({ after: 30, complete: 0, jump: true });
  });

  it('does not repeat the tail for each event of another agent that writes as this node', () => {
    expect(resumePoint({ epoch: 'x', sequence: 9 }, journal, true)).toEqual({ after: 55, complete: 55, jump: true });
  });
});

describe('a mark', () => {
  const current = { epoch: 'b', lastSequence: 20 };

  it('is ahead when it counts events of this epoch that do not exist', () => {
    expect(isAhead({ epoch: 'b', sequence: 21 }, current)).toBe(true);
    expect(isAhead({ epoch: 'b', sequence: 20 }, current)).toBe(false);
    expect(isAhead({ epoch: 'a', sequence: 21 }, current)).toBe(false);
    expect(isAhead(undefined, current)).toBe(false);
  });
});
