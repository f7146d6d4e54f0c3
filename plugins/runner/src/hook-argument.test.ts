import { describe, expect, it } from 'vitest';
import { hookArgumentText } from './hook-argument.ts';

describe('the argument of a hook', () => {
  it('is a job with its payload, and in the context its device and the deadline', () => {
    const text = hookArgumentText({ jobId: 'j1', deviceName: 'd1', payload: { a: 1 } }, 99);
    expect(JSON.parse(text)).toEqual({
      subject: { id: 'j1', payload: { a: 1 } },
      context: { deviceName: 'd1', deadline: 99 },
    });
  });

  it('has null for a payload that is not there', () => {
    expect(JSON.parse(hookArgumentText({ jobId: 'j1' }, 99))).toEqual({
      subject: { id: 'j1', payload: null },
      context: { deadline: 99 },
    });
  });
});
