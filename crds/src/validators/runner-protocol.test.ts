import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExecutorMessage, type RunnerMessage, runnerProtocol } from '../index.ts';
import { sampleHotplugEvent } from './testing/arbitrary-hotplug-event.ts';
import { parseExecutorMessage, parseRunnerMessage } from './runner-protocol.ts';

/** Many runs take long on a busy machine. */
const patience = { timeout: 60_000 };

const digest = `sha256:${'0'.repeat(64)}`;
const plugin = { namespace: 'default', name: 'device-inventory' };
const error = { code: 'AW_PLUGIN_THREW', message: 'no' };

const executorMessages: readonly ExecutorMessage[] = [
  { type: 'welcome', version: 1 },
  { type: 'refused', error },
  {
    type: 'load',
    id: '1',
    plugin,
    uid: 'u1',
    digest,
    bundle: {
      manifest: { manifestVersion: 1, name: 'a', version: '1.0.0', entry: 'index.js', files: { 'index.js': digest } },
      files: { 'index.js': 'export default {}' },
    },
    memoryMegabytes: 64,
    timeoutSeconds: 30,
  },
  { type: 'unload', id: '2', plugin },
  {
    type: 'call',
    id: '3',
    plugin,
    hook: 'onAttach',
    argument: { jobId: 'j', event: sampleHotplugEvent },
    timeoutSeconds: 0.5,
  },
  { type: 'call', id: '4', plugin, hook: 'onJob', argument: { jobId: 'j', payload: [1] }, timeoutSeconds: 1 },
  { type: 'response', id: '5', value: null },
  { type: 'response', id: '6', error },
  { type: 'ping' },
  { type: 'shutdown' },
];

const runnerMessages: readonly RunnerMessage[] = [
  { type: 'hello', version: 1, namespace: 'default', token: 't' },
  { type: 'hello', version: 1 },
  { type: 'result', id: '1', value: { class: 'hid' } },
  { type: 'result', id: '2', error },
  { type: 'request', id: '3', plugin, capability: 'store.set', arguments: ['key', { any: 'value' }] },
  { type: 'log', plugin, level: 'info', message: 'Attached', fields: { device: 'x' } },
  { type: 'ended', plugin, error },
  { type: 'leaving' },
  { type: 'pong' },
];

function executorFailure(message: unknown): string {
  const result = parseExecutorMessage(JSON.stringify(message));
  return result.ok ? 'accepted' : result.failure.message;
}

function runnerFailure(message: unknown): string {
  const result = parseRunnerMessage(JSON.stringify(message));
  return result.ok ? 'accepted' : result.failure.message;
}

describe('a line of the runner protocol', () => {
  it.each(executorMessages)('is read by the runner: $type', (message) => {
    expect(parseExecutorMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
  });

  it.each(runnerMessages)('is read by the executor: $type', (message) => {
    expect(parseRunnerMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
  });

  it('is refused when the other side speaks it', () => {
    expect(runnerFailure({ type: 'shutdown' })).toContain('type is "shutdown"; give one that the protocol knows');
    expect(executorFailure({ type: 'pong' })).toContain('type is "pong"');
  });

  it('is refused in another version', () => {
    expect(runnerFailure({ type: 'hello', version: 2, namespace: 'a', token: '' })).toBe('version is 2; give 1');
  });

  it('is refused with the field that is wrong, deep down as well', () => {
    expect(runnerFailure({ type: 'request', id: '1', plugin, capability: 'net.fetch', arguments: [] })).toMatch(
      /^capability is "net.fetch"; give one of "store.get"/,
    );
    expect(runnerFailure({ type: 'ended', plugin, error: { code: 'oops', message: '' } })).toContain(
      'error.code is "oops"',
    );
    const event = { ...sampleHotplugEvent, vendorId: 'x' };
    expect(
      executorFailure({
        type: 'call',
        id: '1',
        plugin,
        hook: 'onAttach',
        argument: { jobId: 'j', event },
        timeoutSeconds: 1,
      }),
    ).toContain('argument.event.vendorId is "x"');
  });

  it('is refused above the size of a message, before it is parsed', () => {
    const line = JSON.stringify({ type: 'result', id: '1', value: 'ä'.repeat(runnerProtocol.maxMessageBytes / 2) });
    expect(parseRunnerMessage(line)).toMatchObject({ ok: false, failure: { field: '' } });
  });

  it('never throws', patience, () => {
    const line = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(
        line,
        fc.constantFrom(...executorMessages, ...runnerMessages),
        fc.jsonValue(),
        (text, message, value) => {
          const broken = Object.keys(message).map((field) => JSON.stringify({ ...message, [field]: value }));
          for (const candidate of [text, ...broken]) {
            expect(() => [parseExecutorMessage(candidate), parseRunnerMessage(candidate)]).not.toThrow();
          }
        },
      ),
    );
  });
});
