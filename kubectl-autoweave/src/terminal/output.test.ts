import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { wantsColours } from './colour.ts';
import { BrokenPipeError, Output } from './output.ts';

const sink = (write: Writable['_write']) => new Writable({ write, highWaterMark: 1 });

describe('the output', () => {
  it('waits for a slow reader', async () => {
    let ready: () => void = () => undefined;
    const stdout = sink((_chunk, _encoding, done) => {
      ready = done;
    });
    const output = new Output({ stdout, stderr: stdout, colours: false, onBroken: () => undefined });
    let isWritten = false;
    const writing = output.write('text').then(() => (isWritten = true));
    await new Promise(setImmediate);
    expect(isWritten).toBe(false);
    ready();
    await writing;
    expect(isWritten).toBe(true);
  });

  it('ends when its reader is gone, and tells so once', async () => {
    const stdout = sink((_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })));
    const broken: Error[] = [];
    const output = new Output({ stdout, stderr: stdout, colours: false, onBroken: (error) => broken.push(error) });
    await expect(output.write('text')).rejects.toBeInstanceOf(BrokenPipeError);
    await expect(output.write('more')).rejects.toBeInstanceOf(BrokenPipeError);
    expect(broken).toHaveLength(1);
  });

  it('passes on any other fault', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const stdout = sink((_chunk, _encoding, done) => done(full));
    const output = new Output({ stdout, stderr: stdout, colours: false, onBroken: () => undefined });
    await expect(output.write('text')).rejects.toBe(full);
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [true, { TERM: 'xterm' }, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('with a terminal: %s, and %j: %s', (isTerminal, env, wanted) => {
    expect(wantsColours(isTerminal, env)).toBe(wanted);
  });
});
