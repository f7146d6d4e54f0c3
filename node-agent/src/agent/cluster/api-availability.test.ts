import { AutoWeaveError } from '@autoweave/platform/errors';
import { KubeConnectionError, KubeError } from '@autoweave/platform/kube';
import { createLogger } from '@autoweave/platform/telemetry';
import { describe, expect, it } from 'vitest';
import { ApiAvailability } from './api-availability.ts';

function availability(lines: string[] = []): ApiAvailability {
  const destination = { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) };
  return new ApiAvailability(createLogger({ name: 'test', level: 'info', destination }));
}

const unreachable = new KubeConnectionError('connect ECONNREFUSED');

function refusal(status: number, retryAfterSeconds?: number): KubeError {
  return new KubeError({ status, reason: 'Test', message: `refused with ${status}`, retryAfterSeconds });
}

describe('the availability of the API server', () => {
  it('makes everybody wait after a failure that concerns all, and nobody after a success', () => {
    const api = availability();
    expect(api.failed(unreachable)).toBe(true);
    expect(api.pauseMilliseconds).toBeGreaterThan(0);
    expect(api.problem).toContain('ECONNREFUSED');
    api.succeeded();
    expect(api.problem).toBeUndefined();
  });

  it.each([
    ['an unreachable server', unreachable],
    ['missing rights', refusal(403)],
    ['an overloaded server', refusal(429)],
    ['a broken server', refusal(503)],
    ['missing kinds', new AutoWeaveError('AW_CRD_MISSING', 'not served')],
  ])('concerns all with %s', (_what, error) => {
    expect(availability().failed(error)).toBe(true);
  });

  it.each([refusal(409), refusal(422)])('leaves others alone when one object is refused: %s', (error) => {
    expect(availability().failed(error)).toBe(false);
  });

  it('waits at least as long as the server asks', () => {
    const api = availability();
    api.failed(refusal(429, 30));
    expect(api.pauseMilliseconds).toBeGreaterThan(29_000);
  });

  it('waits no longer than a few seconds otherwise, however long the outage', () => {
    const api = availability();
    for (let failure = 0; failure < 50; failure += 1) api.failed(unreachable);
    expect(api.pauseMilliseconds).toBeLessThan(10_000);
  });

  it('is logged once per outage', () => {
    const lines: string[] = [];
    const api = availability(lines);
    for (let failure = 0; failure < 5; failure += 1) api.failed(unreachable);
    api.succeeded();
    api.succeeded();
    expect(lines).toEqual(['API server takes no writes', 'API server took writes again']);
  });
});
