import { describe, expect, it } from 'vitest';
import { AutoWeaveError } from '../errors/index.ts';
import { createLogger, type Logger, type LogLevel } from './index.ts';

function capture(level: LogLevel = 'debug'): { logger: Logger; lines: Record<string, unknown>[]; text: () => string } {
  const written: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string): void => {
      written.push(line);
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  return { logger: createLogger({ name: 'autoweave-test', level, destination }), lines, text: () => written.join('') };
}

describe('a logger', () => {
  it('writes JSON lines with level as a word, ISO time, name, fields and message', () => {
    const { logger, lines } = capture();
    logger.child({ node: 'node-1' }).info({ device: '1-1' }, 'Attached device');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        name: 'autoweave-test',
        node: 'node-1',
        device: '1-1',
        msg: 'Attached device',
      },
    ]);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = capture('warn');
    logger.info('Started');
    logger.warn('Lost');
    expect(lines.map(({ msg }) => msg)).toEqual(['Lost']);
  });

  it('shows neither secrets nor the credentials of URLs', () => {
    const { logger, text, lines } = capture();
    logger.info(
      { password: 'hunter2', redis: { password: 'hunter2', url: 'redis://user:hunter2@host:6379/0' } },
      'Told',
    );
    logger.info({ config: { redis: { token: 'hunter2', redisUrl: 'rediss://:hun@ter2@host' } } }, 'Told');
    logger.error(
      { err: new Error('cannot reach redis://:hunter2@host', { cause: 'redis://:hunter2@host' }) },
      'Failed',
    );
    expect(text()).not.toMatch(/hunter2|ter2@/);
    expect(lines[0]).toMatchObject({ redis: { url: 'redis://[redacted]@host:6379/0' } });
  });

  it('leaves a URL without credentials as it is', () => {
    const { logger, lines } = capture();
    logger.info({ url: 'https://[::1]:6443/api?x=a@b' }, 'Connected');
    expect(lines[0]).toMatchObject({ url: 'https://[::1]:6443/api?x=a@b' });
  });

  it('shows of an error its code and causes, and nothing that a library hung on it', () => {
    const { logger, lines, text } = capture();
    const cause = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['hunter2'] } });
    logger.error({ err: new AutoWeaveError('AW_REDIS_UNREACHABLE', 'no Redis', { cause }) }, 'Failed');
    expect(text()).not.toContain('hunter2');
    expect(lines[0]?.['err']).toMatchObject({
      type: 'AutoWeaveError',
      code: 'AW_REDIS_UNREACHABLE',
      message: 'no Redis',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { type: 'Error', message: 'WRONGPASS' },
    });
  });

  it('survives an error that is its own cause', () => {
    const { logger, lines } = capture();
    const error = new Error('loop');
    error.cause = error;
    logger.error({ err: error }, 'Failed');
    expect(lines).toHaveLength(1);
  });
});
