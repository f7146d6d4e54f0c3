import { describe, expect, it } from 'vitest';
import { isAlreadyExists, isConflict, isExpired, isNotFound, kubeErrorFromResponse } from './kube-error.ts';

const status = (fields: object) => JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...fields });

describe('an error of the API server', () => {
  it('carries what its Status says', () => {
    const details = { kind: 'configmaps', retryAfterSeconds: 7 };
    const body = status({ code: 429, reason: 'TooManyRequests', message: 'slow down', details });
    expect(kubeErrorFromResponse({ status: 429, body, retryAfter: undefined })).toMatchObject({
      code: 'AW_KUBE_REFUSED',
      status: 429,
      reason: 'TooManyRequests',
      message: 'slow down',
      retryAfterSeconds: 7,
      details,
    });
  });

  it('takes Retry-After from the header first', () => {
    const body = status({ code: 503, details: { retryAfterSeconds: 7 } });
    expect(kubeErrorFromResponse({ status: 503, body, retryAfter: '2' }).retryAfterSeconds).toBe(2);
  });

  it.each(['Wed, 21 Oct 2026 07:28:00 GMT', '', '-1'])('passes over the Retry-After %j', (retryAfter) => {
    expect(kubeErrorFromResponse({ status: 503, body: '', retryAfter }).retryAfterSeconds).toBeUndefined();
  });

  it.each(['<html>Bad\n gateway</html>', 'null', '3', '"x"', '', '{"kind":"Status"'])(
    'is understood when a proxy answers %j instead',
    (body) => {
      const error = kubeErrorFromResponse({ status: 502, body });
      expect(error).toMatchObject({ status: 502, reason: 'Http502' });
      expect(error.message).toMatch(/^The API server answered 502/);
    },
  );

  it('is recognised by kind', () => {
    const of = (code: number, reason: string) =>
      kubeErrorFromResponse({ status: code, body: status({ code, reason }) });
    expect(isNotFound(of(404, 'NotFound'))).toBe(true);
    expect(isConflict(of(409, 'Conflict'))).toBe(true);
    expect(isConflict(of(409, 'AlreadyExists'))).toBe(false);
    expect(isAlreadyExists(of(409, 'AlreadyExists'))).toBe(true);
    expect(isExpired(of(410, 'Gone'))).toBe(true);
    expect(isExpired(new Error('410'))).toBe(false);
  });
});
