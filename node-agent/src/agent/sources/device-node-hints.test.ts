import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UsbEdgeListener } from '../ports.ts';
import { DeviceNodeHints } from './device-node-hints.ts';

describe('hints from the device nodes', () => {
  let parent: string;
  let directory: string;
  let hints: DeviceNodeHints;
  let reasons: string[];
  const listener: UsbEdgeListener = {
    hint: (reason) => reasons.push(reason),
    edge: () => reasons.push('edge'),
    changed: () => reasons.push('changed'),
    overflow: () => reasons.push('overflow'),
    failed: (error) => reasons.push(error.message),
  };

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'autoweave-test-'));
    directory = join(parent, 'usb');
    hints = new DeviceNodeHints({ directory, lookMilliseconds: 10 });
    reasons = [];
  });

  afterEach(async () => {
    await hints.stop();
    rmSync(parent, { recursive: true });
  });

  it('come when a device node is made or removed, on any bus', async () => {
    mkdirSync(join(directory, '001'), { recursive: true });
    await hints.start(listener);
    writeFileSync(join(directory, '001/002'), '');
    await expect.poll(() => reasons).toContain(`something changed in ${directory}/001`);
    mkdirSync(join(directory, '002'));
    await expect.poll(() => reasons).toContain(`something changed in ${directory}`);
    reasons = [];
    rmSync(join(directory, '001/002'));
    await expect.poll(() => reasons).toContain(`something changed in ${directory}/001`);
    writeFileSync(join(directory, '002/001'), '');
    await expect.poll(() => reasons).toContain(`something changed in ${directory}/002`);
  });

  it('come once the directory does, and again when it was away', async () => {
    await hints.start(listener);
    for (let round = 0; round < 2; round += 1) {
      mkdirSync(join(directory, '001'), { recursive: true });
      reasons = [];
      await expect
        .poll(() => {
          writeFileSync(join(directory, '001/002'), '');
          return reasons;
        })
        .toContain(`something changed in ${directory}/001`);
      rmSync(directory, { recursive: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  it('say that they end when the directory cannot be looked at any more', async () => {
    await hints.start(listener);
    // Not even root can follow this one.
    symlinkSync(directory, directory);
    await expect.poll(() => reasons).toEqual([expect.stringContaining(`${directory} cannot be watched: ELOOP`)]);
    await expect(hints.start(listener)).rejects.toThrow(/ELOOP/);
  });

  it('end with stop', async () => {
    mkdirSync(directory);
    await hints.start(listener);
    await hints.stop();
    await hints.stop();
    writeFileSync(join(directory, '001'), '');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reasons).toEqual([]);
  });
});
