import { describe, expect, it } from 'vitest';
import { AutoWeaveError } from '../errors/index.ts';
import { judgeFailure } from './stream-failure.ts';

function named(name: string): Error {
  return Object.assign(new Error('x'), { name });
}

describe('the verdict on a failed attempt', () => {
  it.each([
    [new AutoWeaveError('AW_EVENT_MALFORMED', 'x'), 1, 'malformed'],
    [new AutoWeaveError('AW_JOB_INVALID', 'x'), 1, 'malformed'],
    [new AutoWeaveError('AW_REDIS_UNREACHABLE', 'x'), 9, 'outage'],
    [named('MaxRetriesPerRequestError'), 9, 'outage'],
    [new Error('Connection is closed.'), 9, 'outage'],
    [new Error('Command timed out'), 9, 'outage'],
    [new Error('LOADING Redis is loading the dataset in memory'), 9, 'outage'],
    [new Error("OOM command not allowed when used memory > 'maxmemory'."), 9, 'outage'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 9, 'outage'],
    [
      new Error('the API server cannot be reached', { cause: Object.assign(new Error('x'), { code: 'EPIPE' }) }),
      9,
      'outage',
    ],
    [Object.assign(new Error('too many requests'), { status: 429 }), 9, 'outage'],
    [Object.assign(new Error('forbidden'), { status: 403 }), 1, 'retry'],
    [new TypeError('x is not a function'), 4, 'retry'],
    [new TypeError('x is not a function'), 5, 'poisoned'],
    ['thrown text', 5, 'poisoned'],
  ])('%s at delivery %i is %s', (error, deliveries, verdict) => {
    expect(judgeFailure(error, deliveries, 5)).toBe(verdict);
  });
});
