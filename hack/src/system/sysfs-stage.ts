import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type ScannedDevice, writeSysfsTree } from '@autoweave/node-agent/testing';
import { stagedDevice } from './staged-device.ts';

/**
 * A sysfs in which devices come and go in four system calls, as the injector has no time to write the twenty files of
 * one: a device that is not plugged in waits, complete, in a folder beside the tree.
 */
export class SysfsStage {
  readonly #root: string;
  readonly #wings: string;

  constructor(root: string) {
    this.#root = root;
    this.#wings = join(root, 'wings');
  }

  /** Builds the devices of these ports. Once for each port. */
  build(ports: readonly number[]): void {
    mkdirSync(this.#wings, { recursive: true });
    for (const port of ports) {
      const device = stagedDevice(port, 1);
      writeSysfsTree(this.#root, [device]);
      this.detach(device);
    }
  }

  attach(device: ScannedDevice): void {
    const directory = join(this.#root, device.devicePath);
    const waiting = this.#waiting(device);
    writeFileSync(join(waiting, 'devnum'), `${device.deviceAddress}\n`);
    renameSync(waiting, directory);
    const list = join(this.#root, 'bus/usb/devices');
    symlinkSync(relative(list, directory), join(list, device.sysfsName));
  }

  detach(device: ScannedDevice): void {
    rmSync(join(this.#root, 'bus/usb/devices', device.sysfsName));
    renameSync(join(this.#root, device.devicePath), this.#waiting(device));
  }

  #waiting({ sysfsName }: ScannedDevice): string {
    return join(this.#wings, sysfsName);
  }
}
