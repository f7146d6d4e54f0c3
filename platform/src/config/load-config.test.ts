import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AutoWeaveError } from '../errors/index.ts';
import {
  choice,
  HelpRequested,
  integer,
  list,
  loadConfig,
  optionalText,
  port,
  redisSettings,
  text,
  toggle,
  type Settings,
} from './index.ts';

const settings = {
  usbSource: { description: 'Where devices come from.', schema: choice(['auto', 'kernel']), default: 'auto' },
  probePort: { description: 'Port of probes.', schema: port(), default: '8080' },
  nodeName: { description: 'Name of the node.', schema: text(), env: 'NODE_NAME' },
  classes: { description: 'Classes to follow.', schema: list(), default: '' },
  token: { description: 'Token of the runner.', schema: z16(), env: 'TOKEN', secret: true, default: '0'.repeat(16) },
  once: { description: 'Ends after one pass.', schema: toggle(), default: 'false', switch: true },
} as const satisfies Settings;

function z16() {
  return text().refine((token) => token.length === 16, 'expected 16 characters');
}

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function load({ argv = [], env = {} }: Given = {}) {
  return loadConfig({ name: 'autoweave-test', settings, argv, env: { NODE_NAME: 'node-1', ...env } });
}

function problemsOf(given: Given): string {
  try {
    load(given);
  } catch (error) {
    if (error instanceof AutoWeaveError && error.code === 'AW_CONFIG_INVALID') return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('the configuration of a process', () => {
  it('takes flags before variables before defaults', () => {
    expect(load().probePort).toBe(8080);
    expect(load({ env: { AW_PROBE_PORT: '9000' } }).probePort).toBe(9000);
    expect(load({ env: { AW_PROBE_PORT: '9000' }, argv: ['--probe-port=9001'] }).probePort).toBe(9001);
    expect(load({ argv: ['--probe-port', '9001', '--probe-port', '9002'] }).probePort).toBe(9002);
  });

  it('counts an empty variable as not set', () => {
    expect(load({ env: { AW_PROBE_PORT: '' } }).probePort).toBe(8080);
  });

  it('understands switches', () => {
    expect(load({ argv: ['--once'] }).once).toBe(true);
    expect(load({ env: { AW_ONCE: 'true' }, argv: ['--no-once'] }).once).toBe(false);
    expect(load({ argv: ['--once=false', '--usb-source', 'kernel'] })).toMatchObject({
      once: false,
      usbSource: 'kernel',
    });
  });

  it('is frozen at every depth', () => {
    const config = load({ argv: ['--classes=03, 08'] });
    expect(config.classes).toEqual(['03', '08']);
    expect(Object.isFrozen(config) && Object.isFrozen(config.classes)).toBe(true);
  });

  it('names every wrong setting with its flag, variable, value and what is accepted', () => {
    const problems = problemsOf({ argv: ['--usb-source=kernal'], env: { AW_PROBE_PORT: '70000', NODE_NAME: '' } });
    expect(problems).toBe(
      [
        'autoweave-test: 3 settings are wrong',
        '  --usb-source (AW_USB_SOURCE) is "kernal": expected one of auto, kernel',
        '  --probe-port (AW_PROBE_PORT) is "70000": expected a number from 0 to 65535',
        '  --node-name (NODE_NAME) is required: Name of the node.',
      ].join('\n'),
    );
  });

  it('shows no secret', () => {
    const problems = problemsOf({ argv: ['--token=hunter2'], env: { AW_USB_SOURCE: 'redis://:hunter2@host' } });
    expect(problems).not.toContain('hunter2');
    expect(problems).toContain('--token (TOKEN) is [redacted]: expected 16 characters');
    expect(problems).toContain('is "redis://[redacted]@host"');
  });

  it.each([
    ['--usb-sorce=auto', '--usb-sorce is not known: did you mean --usb-source?'],
    ['--zzz', '--zzz is not known'],
    ['--no-usb-source', '--no-usb-source is not known: did you mean --usb-source?'],
    ['print', '"print" is not understood: settings start with --'],
    ['--probe-port', '--probe-port needs a value'],
  ])('refuses %s', (argument, problem) => {
    expect(problemsOf({ argv: [argument] })).toBe(`autoweave-test: one setting is wrong\n  ${problem}`);
  });

  it('does not take an object key of JavaScript for a setting', () => {
    expect(problemsOf({ argv: ['--constructor=1', '--__proto__=1'] })).toContain('2 settings are wrong');
  });

  it('prints a help text with every setting, even beside wrong ones', () => {
    const help = expect.stringContaining(
      '  --usb-source=…\n      Where devices come from. (AW_USB_SOURCE, default auto)\n',
    );
    expect(() => load({ argv: ['--zzz', '--help'] })).toThrow(HelpRequested);
    expect(() => load({ argv: ['--help'] })).toThrow(expect.objectContaining({ message: help }));
  });

  it('gives back every value that was written as text', () => {
    const values = fc.record({
      probePort: fc.nat(65_535),
      nodeName: fc.stringMatching(/^[a-z][a-z0-9=-]{0,30}$/),
      once: fc.boolean(),
    });
    fc.assert(
      fc.property(values, ({ probePort, nodeName, once }) => {
        const argv = [`--probe-port=${probePort}`, '--node-name', nodeName, once ? '--once' : '--no-once'];
        expect(load({ argv })).toMatchObject({ probePort, nodeName, once });
      }),
    );
  });
});

describe('the Redis settings', () => {
  it('are known by the names that other programs use', () => {
    const env = { REDIS_HOST: 'redis', REDIS_PORT: '6380', REDIS_PASSWORD: 'p', REDIS_DB: '2', REDIS_TLS: 'true' };
    expect(loadConfig({ name: 'test', settings: redisSettings, env, argv: [] })).toEqual({
      redisUrl: undefined,
      redisHost: 'redis',
      redisPort: 6380,
      redisUsername: undefined,
      redisPassword: 'p',
      redisDb: 2,
      redisTls: true,
    });
  });
});

describe('a whole number', () => {
  it.each(['', ' 1', '1e3', '0x10', '1.5', '-', '99'])('is not %j', (number) => {
    expect(integer({ minimum: -5, maximum: 10 }).safeParse(number).success).toBe(false);
  });

  it('is read from text', () => {
    expect(['-5', '0', '10'].map((number) => integer({ minimum: -5, maximum: 10 }).parse(number))).toEqual([-5, 0, 10]);
  });
});

describe('an optional text', () => {
  it('may be missing, but not be blank', () => {
    expect(optionalText().parse(undefined)).toBeUndefined();
    expect(optionalText().safeParse('  ').success).toBe(false);
  });
});
