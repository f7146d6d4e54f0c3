import { setTimeout as delay } from 'node:timers/promises';
import { UeventInjector } from '@autoweave/node-agent/testing';
import { stagedDevice } from '../system/staged-device.ts';
import { SysfsStage } from '../system/sysfs-stage.ts';

export interface Operation {
  readonly action: 'attach' | 'detach';
  readonly sysfsName: string;
  readonly address: number;
}

const ports = [1, 2, 3, 4, 5, 6, 7, 8];
/** USB addresses of a bus: 1 to 127 (USB 2.0, 9.1.1.5). */
const addresses = 127;

/** Plugs and unplugs at random, as the kernel shows and tells it, and remembers what it did. */
export class World {
  readonly operations: Operation[] = [];
  readonly #stage: SysfsStage;
  readonly #injector = new UeventInjector();
  readonly #random: () => number;
  readonly #plugged = new Map<number, number>();
  #address = 0;

  constructor(sysfsRoot: string, random: () => number) {
    this.#random = random;
    this.#stage = new SysfsStage(sysfsRoot);
    this.#stage.build(ports);
  }

  /** Names below /sys/bus/usb/devices of what is plugged in. */
  get plugged(): ReadonlySet<string> {
    return new Set([...this.#plugged].map(([port, address]) => stagedDevice(port, address).sysfsName));
  }

  /** Goes on until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#step();
      await delay(20 + this.#random() * 130);
    }
  }

  close(): void {
    this.#injector.close();
  }

  #step(): void {
    const port = ports[Math.floor(this.#random() * ports.length)] ?? 1;
    const address = this.#plugged.get(port);
    if (address === undefined) this.#plug(port);
    else this.#unplug(port, address);
  }

  #plug(port: number): void {
    this.#address = (this.#address % addresses) + 1;
    const device = stagedDevice(port, this.#address);
    this.#stage.attach(device);
    this.#injector.send('add', device);
    this.#plugged.set(port, this.#address);
    this.operations.push({ action: 'attach', sysfsName: device.sysfsName, address: this.#address });
  }

  #unplug(port: number, address: number): void {
    const device = stagedDevice(port, address);
    this.#stage.detach(device);
    this.#injector.send('remove', device);
    this.#plugged.delete(port);
    this.operations.push({ action: 'detach', sysfsName: device.sysfsName, address });
  }
}
