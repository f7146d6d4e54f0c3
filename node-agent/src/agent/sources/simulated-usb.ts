import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScannedDevice, ScanResult, UsbEdge, UsbEdgeListener, UsbEdgeSource, UsbSource } from '../ports.ts';
import { recordedDevices } from './recorded-devices.ts';
import { nextStep, randomNumbers } from './simulation-plan.ts';
import { SysfsSource } from './sysfs-source.ts';
import { plugIntoSysfs, unplugFromSysfs, writeSysfsTree } from './sysfs-tree.ts';

export interface SimulatedUsbOptions {
  /** What there is to plug. Default: the recorded devices. */
  readonly devices?: readonly ScannedDevice[];
  /** How many of them, from the first, are there from the beginning. Default 4. */
  readonly initial?: number;
  /** Between two changes; 0 for none. Default 4,000. */
  readonly intervalMilliseconds?: number;
  /** The same seed tells the same story. Default 1. */
  readonly seed?: number;
}

/**
 * A machine with USB for those who have none: recorded devices come and go in a sysfs tree of its own, which is read by
 * the same code as the kernel's, and told of as the kernel tells.
 */
export class SimulatedUsb implements UsbSource, UsbEdgeSource {
  readonly name = 'simulated';
  readonly edgesAs = 'simulated';
  readonly #devices: readonly ScannedDevice[];
  readonly #intervalMilliseconds: number;
  readonly #random: () => number;
  readonly #root = mkdtempSync(join(tmpdir(), 'autoweave-usb-'));
  readonly #source = new SysfsSource({ root: this.#root, name: 'simulated' });
  readonly #plugged = new Map<string, ScannedDevice>();
  #lastAddress = 1;
  #sequence = 0n;
  #listener: UsbEdgeListener | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SimulatedUsbOptions = {}) {
    this.#devices = options.devices ?? recordedDevices;
    this.#intervalMilliseconds = options.intervalMilliseconds ?? 4000;
    this.#random = randomNumbers(options.seed ?? 1);
    writeSysfsTree(this.#root, []);
    for (const device of this.#devices.slice(0, options.initial ?? 4)) {
      this.plug(device);
    }
  }

  async scan(signal: AbortSignal): Promise<ScanResult> {
    return await this.#source.scan(signal);
  }

  async read(sysfsName: string, signal: AbortSignal): Promise<ScannedDevice | undefined> {
    return await this.#source.read(sysfsName, signal);
  }

  async start(listener: UsbEdgeListener): Promise<void> {
    clearInterval(this.#timer);
    this.#listener = listener;
    if (this.#intervalMilliseconds > 0) {
      this.#timer = setInterval(() => this.#step(), this.#intervalMilliseconds);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#listener = undefined;
  }

  /** Removes the tree. Nothing may be read after it. */
  dispose(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  async barrier(): Promise<void> {
    // Edges are told in the moment they happen.
  }

  /** Gives it a new address, as the kernel does with each plug. */
  plug(device: ScannedDevice): ScannedDevice {
    this.#lastAddress = (this.#lastAddress % 127) + 1;
    const plugged = { ...device, deviceAddress: this.#lastAddress };
    plugIntoSysfs(this.#root, plugged);
    this.#plugged.set(device.sysfsName, plugged);
    this.#tell('add', plugged);
    return plugged;
  }

  unplug(sysfsName: string): void {
    const device = this.#plugged.get(sysfsName);
    if (device) {
      unplugFromSysfs(this.#root, device);
      this.#plugged.delete(sysfsName);
      this.#tell('remove', device);
    }
  }

  #step(): void {
    const step = nextStep(this.#devices, new Set(this.#plugged.keys()), this.#random);
    if (step?.action === 'plug') {
      this.plug(step.device);
    } else if (step) {
      this.unplug(step.device.sysfsName);
    }
  }

  #tell(action: UsbEdge['action'], device: ScannedDevice): void {
    const { sysfsName, devicePath, busNumber, deviceAddress, vendorId, productId } = device;
    const identity = { sysfsName, devicePath, busNumber, deviceAddress, vendorId, productId };
    this.#sequence += 1n;
    this.#listener?.edge({ action, ...identity, kernelSequence: this.#sequence, timestamp: Date.now() });
  }
}
