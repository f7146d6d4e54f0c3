import { describe, expect, it } from 'vitest';
import { AutoWeaveError, errorCode, errorMessage } from './index.ts';

describe('an AutoWeave error', () => {
  it('carries its code, what is wrong with which field, and the remedy of its code', () => {
    const error = new AutoWeaveError('AW_CONFIG_INVALID', 'the port is wrong', { field: 'probePort', value: 'x' });
    expect(error.toJSON()).toEqual({
      name: 'AutoWeaveError',
      code: 'AW_CONFIG_INVALID',
      message: 'the port is wrong',
      remedy: expect.stringMatching(/^Correct the named setting/),
      field: 'probePort',
      value: 'x',
    });
  });

  it('keeps its cause', () => {
    const cause = new Error('refused');
    expect(new AutoWeaveError('AW_REDIS_UNREACHABLE', 'no Redis', { cause }).cause).toBe(cause);
    expect('cause' in new AutoWeaveError('AW_REDIS_UNREACHABLE', 'no Redis')).toBe(false);
  });
});

describe('the code of what was thrown', () => {
  it('is known only when it is one of the table', () => {
    expect(errorCode(new AutoWeaveError('AW_JOB_EXPIRED', 'late'))).toBe('AW_JOB_EXPIRED');
    expect(errorCode({ code: 'AW_JOB_EXPIRED' })).toBe('AW_JOB_EXPIRED');
    for (const other of [
      new Error('x'),
      { code: 'ECONNREFUSED' },
      { code: 'toString' },
      undefined,
      null,
      'AW_JOB_EXPIRED',
    ]) {
      expect(errorCode(other)).toBeUndefined();
    }
  });
});

describe('the message of what was thrown', () => {
  it.each([
    [new Error('broken'), 'broken'],
    [new TypeError(), 'TypeError'],
    [new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]), '::1 refused; 127.0.0.1 refused'],
    ['text', 'text'],
    [{ reason: 1 }, '{"reason":1}'],
    [undefined, 'undefined'],
    [null, 'null'],
  ])('of %o is %j', (thrown, message) => {
    expect(errorMessage(thrown)).toBe(message);
  });

  it('is given even for what cannot be written as JSON', () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expect(errorMessage(cyclic)).toBe('[object Object]');
  });
});
