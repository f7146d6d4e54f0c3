import { AutoWeaveError } from '@autoweave/platform/errors';
import type { ScannedDevice, ScanResult, UsbEdge, UsbEdgeListener, UsbEdgeSource, UsbSource } from '../../ports.ts';
import { recordedDevices } from '../../sources/recorded-devices.ts';

export interface ModelTransition {
  readonly action: 'attach' | 'detach';
  readonly sysfsName: string;
  readonly deviceAddress: number;
}

/** Something that a test may let happen later than something else. */
export type Pace = (label: string) => Promise<void>;

/**
 * Ports and devices as the kernel knows them: the truth that an inventory must find out. The list of devices runs ahead
 * of the edges, edges and answers come when `pace` lets them, and edges are lost while `losing`.
 */
export class ModelWorld implements UsbSource, UsbEdgeSource {
  readonly name = 'simulated';
  readonly edgesAs = 'netlink';
  /** Every transition that happened, in order. */
  readonly history: ModelTransition[] = [];
  /** Serial numbers that two devices carried at once. */
  readonly twins = new Set<string>();
  losing = false;
  /** Every edge that was told, in order. */
  readonly edges: UsbEdge[] = [];
  /** What a scan throws. */
  failure: Error | undefined;
  readonly unreadable = new Set<string>();
  #pace: Pace;
  #devices = new Map<string, ScannedDevice>();
  #listener: UsbEdgeListener | undefined;
  #sequence = 0n;
  #address = 0;
  #delivery: Promise<void> = Promise.resolve();
  #lost = false;

  constructor(pace: Pace = async () => undefined) {
    this.#pace = pace;
  }

  set pace(pace: Pace) {
    this.#pace = pace;
  }

  get plugged(): ScannedDevice[] {
    return [...this.#devices.values()];
  }

  plug(port: number, serialNumber: string): void {
    const [template] = recordedDevices;
    const sysfsName = `1-${port}`;
    if (!template || this.#devices.has(sysfsName)) {
      return;
    }
    this.#address = (this.#address % 127) + 1;
    const devicePath = `/devices/pci0000:00/0000:00:14.0/usb1/${sysfsName}`;
    const place = { sysfsName, devicePath, portPath: String(port), deviceAddress: this.#address };
    const device = { ...template, ...place, serialNumber };
    if (this.plugged.some((other) => other.serialNumber === serialNumber)) {
      this.twins.add(serialNumber);
    }
    this.#devices.set(sysfsName, device);
    this.#happened('add', device);
  }

  unplug(port: number): void {
    const device = this.#devices.get(`1-${port}`);
    if (device) {
      this.#devices.delete(device.sysfsName);
      this.#happened('remove', device);
    }
  }

  /** Binds this driver to the interfaces of a device. */
  bind(port: number, driver: string): void {
    const device = this.#devices.get(`1-${port}`);
    if (device) {
      const interfaces = device.descriptor.interfaces.map((usbInterface) => ({ ...usbInterface, driver }));
      this.#devices.set(device.sysfsName, { ...device, descriptor: { ...device.descriptor, interfaces } });
      this.#listener?.changed(device.sysfsName);
    }
  }

  /** Not a snapshot: each device is read in its own time, as in sysfs. */
  async scan(signal: AbortSignal): Promise<ScanResult> {
    await this.#pace('scan');
    if (this.failure) {
      throw this.failure;
    }
    const devices: ScannedDevice[] = [];
    const unreadable = new Map<string, Error>();
    const readInto = async (sysfsName: string) => {
      try {
        const device = await this.read(sysfsName, signal);
        devices.push(...(device ? [device] : []));
      } catch (error) {
        unreadable.set(sysfsName, error as Error);
      }
    };
    await Promise.all([...this.#devices.keys()].map(readInto));
    signal.throwIfAborted();
    return { devices, unreadable };
  }

  async read(sysfsName: string, signal: AbortSignal): Promise<ScannedDevice | undefined> {
    await this.#pace(`read ${sysfsName}`);
    const device = this.#devices.get(sysfsName);
    const isUnreadable = this.unreadable.has(sysfsName);
    await this.#pace(`answer ${sysfsName}`);
    signal.throwIfAborted();
    if (device && isUnreadable) {
      throw new AutoWeaveError('AW_USB_UNREADABLE', `${sysfsName} does not answer`);
    }
    return device;
  }

  async start(listener: UsbEdgeListener): Promise<void> {
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
  }

  async barrier(): Promise<void> {
    await this.#delivery;
  }

  /** Tells an edge a second time, right after those that are under way. */
  repeat(edge: UsbEdge | undefined): void {
    if (edge) {
      this.#deliver(edge, false);
    }
  }

  #happened(action: UsbEdge['action'], device: ScannedDevice): void {
    const { sysfsName, deviceAddress } = device;
    this.history.push({ action: action === 'add' ? 'attach' : 'detach', sysfsName, deviceAddress });
    this.#sequence += 1n;
    if (this.losing) {
      this.#lost = true;
      return;
    }
    const edge: UsbEdge = { ...device, action, kernelSequence: this.#sequence, timestamp: Number(this.#sequence) };
    this.edges.push(edge);
    this.#deliver(edge, this.#lost);
    this.#lost = false;
  }

  #deliver(edge: UsbEdge, overflow: boolean): void {
    const listener = this.#listener;
    const before = this.#delivery;
    this.#delivery = (async () => {
      await before;
      await this.#pace(`deliver ${edge.action} ${edge.sysfsName}`);
      if (overflow) {
        listener?.overflow('the model lost some');
      }
      listener?.edge(edge);
    })();
  }
}
