import type { QmpClient, QmpProperties } from './qmp-client.ts';

/**
 * A device to plug in: a driver of QEMU, e.g. `usb-kbd`, and its properties. Without `bus` (`usb0.0`, `usb1.0`) and
 * `port` (`3`, or `3.1` behind a hub) QEMU takes the first that is free.
 */
export interface UsbPlug {
  readonly driver: string;
  /** Of QEMU; made up when not given. */
  readonly id?: string;
  readonly bus?: string;
  readonly port?: string;
  readonly serial?: string;
  readonly properties?: QmpProperties;
}

const unplugTimeoutMilliseconds = 30_000;

/** The devices of one guest. */
export class UsbDevices {
  readonly #qmp: QmpClient;
  /** Id to driver. */
  readonly #drivers = new Map<string, string>();
  #count = 0;

  constructor(qmp: QmpClient) {
    this.#qmp = qmp;
  }

  /** @throws QmpError, e.g. when the port is taken. */
  async plug({ properties = {}, ...device }: UsbPlug): Promise<string> {
    this.#count += 1;
    const id = device.id ?? `device${this.#count}`;
    const backend = await this.#addBackend(device.driver, id);
    try {
      await this.#qmp.execute('device_add', {
        ...properties,
        ...backend,
        ...definedOnly(device),
        driver: device.driver,
        id,
      });
    } catch (error) {
      await this.#removeBackend(device.driver, id);
      throw error;
    }
    this.#drivers.set(id, device.driver);
    return id;
  }

  async unplug(id: string): Promise<void> {
    const gone = this.#qmp.nextEvent(
      ({ event, data }) => event === 'DEVICE_DELETED' && data?.['device'] === id,
      AbortSignal.timeout(unplugTimeoutMilliseconds),
    );
    const driver = this.#drivers.get(id) ?? (await this.#askDriver(id));
    await Promise.all([gone, this.#qmp.execute('device_del', { id })]);
    await this.#removeBackend(driver, id);
    this.#drivers.delete(id);
  }

  /** Of a device that another process plugged in. */
  #askDriver(id: string): Promise<string> {
    return this.#qmp.execute('qom-get', { path: `/machine/peripheral/${id}`, property: 'type' });
  }

  /** A disk of zeros for a stick, a line that leads nowhere for a serial adapter: properties for the device. */
  async #addBackend(driver: string, id: string): Promise<QmpProperties> {
    if (driver === 'usb-storage') {
      const disk = { driver: 'null-co', 'node-name': diskOf(id), size: 16 * 1024 * 1024, 'read-zeroes': true };
      await this.#qmp.execute('blockdev-add', disk);
      return { drive: diskOf(id) };
    }
    if (driver === 'usb-serial') {
      await this.#qmp.execute('chardev-add', { id: lineOf(id), backend: { type: 'null', data: {} } });
      // Else it is plugged in only while someone holds the other end of the line.
      return { chardev: lineOf(id), 'always-plugged': true };
    }
    return {};
  }

  async #removeBackend(driver: string | undefined, id: string): Promise<void> {
    if (driver === 'usb-storage') await this.#qmp.execute('blockdev-del', { 'node-name': diskOf(id) });
    if (driver === 'usb-serial') await this.#qmp.execute('chardev-remove', { id: lineOf(id) });
  }
}

const diskOf = (id: string): string => `${id}-disk`;
const lineOf = (id: string): string => `${id}-line`;

function definedOnly({ bus, port, serial }: UsbPlug): QmpProperties {
  return {
    ...(bus === undefined ? {} : { bus }),
    ...(port === undefined ? {} : { port }),
    ...(serial === undefined ? {} : { serial }),
  };
}
