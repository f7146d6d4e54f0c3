import { expect, it } from 'vitest';
import { microTime } from './micro-time.ts';

it('a MicroTime has six digits of a second', () => {
  expect(microTime(new Date('2026-11-21T10:00:00.12Z'))).toBe('2026-11-21T10:00:00.120000Z');
});
