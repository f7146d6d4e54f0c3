import { describe, expect, it } from 'vitest';
import { type EmulatorOptions, emulatorParameters } from './emulator-parameters.ts';
import { machineOf } from './machine.ts';

const options: EmulatorOptions = {
  machine: machineOf('amd64'),
  kernel: '/cache/vmlinuz',
  initramfs: '/cache/initramfs',
  drives: [
    { file: '/cache/root.ext4', mode: 'forgetful' },
    { file: '/tmp/a,b.ext4', mode: 'readonly' },
  ],
  consoleLog: '/tmp/console.log',
  monitor: '/tmp/monitor',
  network: 'user',
  kernelParameters: ['autoweave.token=secret'],
  memoryMegabytes: 1_024,
  accelerator: 'tcg',
};

function valuesOf(name: string, parameters: readonly string[]): string[] {
  return parameters.filter((_value, index) => parameters[index - 1] === name);
}

describe('the parameters of the emulator', () => {
  it('keep the images as they are, in the order in which the guest names them', () => {
    expect(valuesOf('-drive', emulatorParameters(options))).toEqual([
      'file=/cache/root.ext4,format=raw,if=virtio,snapshot=on',
      'file=/tmp/a,,b.ext4,format=raw,if=virtio,readonly=on',
    ]);
  });

  it('end the emulator with the guest, unless it may restart', () => {
    expect(emulatorParameters(options)).toContain('-no-reboot');
    expect(emulatorParameters({ ...options, restarts: true })).not.toContain('-no-reboot');
  });

  it('emulate a processor unless told to use the real one', () => {
    const emulated = emulatorParameters(options);
    expect([valuesOf('-accel', emulated), valuesOf('-cpu', emulated)]).toEqual([['tcg,thread=multi'], ['max']]);
    const real = emulatorParameters({ ...options, accelerator: 'kvm' });
    expect([valuesOf('-accel', real), valuesOf('-cpu', real)]).toEqual([['kvm'], ['host']]);
  });
});
