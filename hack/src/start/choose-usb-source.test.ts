import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chooseUsbSource, machineHasUsbTree } from './choose-usb-source.ts';

describe('the source of devices', () => {
  it('is simulated, with a notice, on a machine without a USB tree', () => {
    expect(chooseUsbSource('auto', false)).toEqual({
      source: 'simulated',
      notice: expect.stringContaining('no USB tree'),
    });
  });

  it('is what was asked for otherwise', () => {
    expect(chooseUsbSource('auto', true)).toEqual({ source: 'auto', notice: undefined });
    expect(chooseUsbSource('kernel', false)).toEqual({ source: 'kernel', notice: undefined });
    expect(chooseUsbSource('simulated', true)).toEqual({ source: 'simulated', notice: undefined });
  });
});

describe('a USB tree', () => {
  it('is there when the kernel has at least a root hub', async () => {
    const sysfs = await mkdtemp(join(tmpdir(), 'autoweave-sysfs-'));
    onTestFinished(() => rm(sysfs, { recursive: true }));
    expect(await machineHasUsbTree(sysfs)).toBe(false);
    await mkdir(join(sysfs, 'bus/usb/devices'), { recursive: true });
    expect(await machineHasUsbTree(sysfs)).toBe(false);
    await mkdir(join(sysfs, 'bus/usb/devices/usb1'));
    expect(await machineHasUsbTree(sysfs)).toBe(true);
  });
});
