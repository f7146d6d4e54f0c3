import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childTraceparent, isTraceparent, newTraceparent, parseTraceparent } from './index.ts';

describe('a traceparent', () => {
  it('is new each time, and has the shape of the W3C standard', () => {
    const made = Array.from({ length: 100 }, () => newTraceparent());
    expect(made.every(isTraceparent)).toBe(true);
    expect(new Set(made).size).toBe(100);
  });

  it('has children in the same trace, each a span of its own', () => {
    const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
    const child = childTraceparent(parent);
    expect(child).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/);
    expect(child).not.toBe(parent);
  });

  it('is flagged in the share of traces that are to be recorded', () => {
    const sampled = (sampledShare: number): number =>
      Array.from({ length: 1_000 }, () => parseTraceparent(newTraceparent(sampledShare))).filter(
        (context) => context?.isSampled,
      ).length;
    expect(sampled(1)).toBe(1_000);
    expect(sampled(0)).toBe(0);
    expect(sampled(0.5)).toBeGreaterThan(300);
    expect(sampled(0.5)).toBeLessThan(700);
  });

  it('says which span of which trace it is of', () => {
    expect(parseTraceparent('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03')).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      isSampled: true,
    });
    expect(parseTraceparent('nonsense')).toBeUndefined();
  });

  it('starts a new trace below what is no traceparent', () => {
    fc.assert(
      fc.property(fc.string(), (parent) => {
        fc.pre(!isTraceparent(parent));
        expect(isTraceparent(childTraceparent(parent))).toBe(true);
      }),
    );
  });

  it.each([
    '',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n',
  ])('is not %j', (text) => {
    expect(isTraceparent(text)).toBe(false);
  });
});
