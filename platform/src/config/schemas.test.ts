import { describe, expect, it } from 'vitest';
import { optionalUrl, share } from './schemas.ts';

describe('a share', () => {
  it.each([
    ['0', 0],
    ['0.25', 0.25],
    ['1', 1],
    ['1.0', 1],
  ])('is %s', (text, value) => {
    expect(share().parse(text)).toBe(value);
  });

  it.each(['', '-0.5', '1.5', '2', '25%', 'NaN', '1e-3', '.5'])('is not %j', (text) => {
    expect(share().safeParse(text).success).toBe(false);
  });
});

describe('a URL that may be left out', () => {
  const url = optionalUrl(['http:', 'https:']);

  it('is kept as it is written', () => {
    expect(url.parse('http://collector:4318')).toBe('http://collector:4318');
    expect(url.parse(undefined)).toBeUndefined();
  });

  it.each(['collector:4318', 'grpc://collector:4317', 'http//collector', '/v1/traces'])('is not %j', (text) => {
    const { error } = url.safeParse(text);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'expected a URL that begins with http:// or https://',
    ]);
  });
});
