import { randomBytes } from 'node:crypto';
import { QmpClient, type UsbPlug } from '../../guest/index.ts';
import { UsbDevices } from '../../guest/usb-devices.ts';

/** What a hand can do to the machine that is the node `usb`. */
export class UsbNodeMonitor {
  readonly #socket: string;

  /** `socket`: path of the monitor's socket. */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Plugs a device in; its id. @throws QmpError, e.g. when the port is taken. */
  plug(device: UsbPlug): Promise<string> {
    const id = device.id ?? `${device.driver}-${randomBytes(4).toString('hex')}`;
    return this.#connected((qmp) => new UsbDevices(qmp).plug({ ...device, id }));
  }

  /** Pulls a device out. @throws QmpError when there is none of that id. */
  unplug(id: string): Promise<void> {
    return this.#connected((qmp) => new UsbDevices(qmp).unplug(id));
  }

  /** Ids of the devices that are plugged in. */
  plugged(): Promise<string[]> {
    return this.#connected(async (qmp) => {
      const parts = await qmp.execute('qom-list', { path: '/machine/peripheral' });
      return parts.filter(({ type }) => type.startsWith('child<usb-')).map(({ name }) => name);
    });
  }

  /** Presses the reset button. What was written to the disk is kept. */
  async reset(): Promise<void> {
    await this.#connected((qmp) => qmp.execute('system_reset', {}));
  }

  /** For a moment only: the monitor has one client at a time. */
  async #connected<T>(work: (qmp: QmpClient) => Promise<T>): Promise<T> {
    const qmp = await QmpClient.connect(this.#socket);
    try {
      return await work(qmp);
    } finally {
      qmp.close();
    }
  }
}
