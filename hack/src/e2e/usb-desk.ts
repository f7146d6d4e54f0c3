import type { HotplugAction, HotplugEvent } from '@autoweave/crds';
import type { PortTransition } from '../faults/verdict.ts';
import type { Guest } from '../guest/index.ts';
import { pollUntil } from './poll-until.ts';
import { type DeskDevice, isBehind, type Place, placeKey, sysfsNameOf, toldSerial } from './usb-place.ts';

/** A guest on a busy machine is slow. */
const announceTimeoutMilliseconds = 60_000;

interface Plugged {
  readonly id: string;
  readonly device: DeskDevice;
  readonly place: Place;
}

/**
 * What somebody with a desk full of devices does to a guest, and the model of it: what is plugged in, and what
 * happened in each port. An operation ends when the stream tells of it, so that the kernel has announced it before the
 * next one in that port.
 */
export class UsbDesk {
  /** In the words of `portTransition`. */
  readonly transitions: PortTransition[] = [];
  readonly #guest: Guest;
  readonly #events: () => Promise<readonly HotplugEvent[]>;
  readonly #plugged = new Map<string, Plugged>();

  constructor(guest: Guest, events: () => Promise<readonly HotplugEvent[]>) {
    this.#guest = guest;
    this.#events = events;
  }

  /** Names below /sys/bus/usb/devices. */
  get plugged(): ReadonlySet<string> {
    return new Set([...this.#plugged.values()].map(({ device, place }) => sysfsNameOf(device, place)));
  }

  /** Resolves with the event that tells of it. */
  async plug(device: DeskDevice, place: Place): Promise<HotplugEvent> {
    const { driver, serial } = device;
    const id = await this.#guest.plug({ driver, serial, bus: `usb${place.controller}.0`, port: place.port });
    this.#plugged.set(placeKey(place), { id, device, place });
    return this.#told('attach', device, place);
  }

  /** Pulls out what is there, and with a hub all that is behind it. Resolves with the event of the device itself. */
  async unplug(place: Place): Promise<HotplugEvent> {
    const plugged = this.#plugged.get(placeKey(place));
    if (plugged === undefined) throw new Error(`Nothing is in ${placeKey(place)}`);
    const behind = [...this.#plugged.values()].filter((other) => isBehind(other.place, place));
    await this.#guest.unplug(plugged.id);
    const leave = (left: Plugged): Promise<HotplugEvent> => {
      this.#plugged.delete(placeKey(left.place));
      return this.#told('detach', left.device, left.place);
    };
    const [event] = await Promise.all([plugged, ...behind].map(leave));
    if (event === undefined) throw new Error('It had no event');
    return event;
  }

  /** Pulls everything out, hubs with what is behind them. */
  async clear(): Promise<void> {
    const places = [...this.#plugged.values()].map(({ place }) => place);
    const outer = places.filter((place) => !places.some((other) => isBehind(place, other)));
    await Promise.all(outer.map((place) => this.unplug(place)));
  }

  async #told(action: HotplugAction, device: DeskDevice, place: Place): Promise<HotplugEvent> {
    const sysfsName = sysfsNameOf(device, place);
    this.transitions.push(portTransition({ sysfsName, action, serialNumber: toldSerial(device.serial) }));
    const due = this.transitions.filter((transition) => transition.sysfsName === sysfsName).length;
    const events = await pollUntil({
      what: `Event ${due} of ${sysfsName}`,
      look: async () => (await this.#events()).filter((event) => event.sysfsName === sysfsName),
      isRight: ({ length }) => length >= due,
      timeoutMilliseconds: announceTimeoutMilliseconds,
    });
    const event = events[due - 1];
    if (event === undefined) throw new Error(`The stream lost an event of ${sysfsName}`);
    return event;
  }
}

export function portTransition({
  sysfsName,
  action,
  serialNumber,
}: Pick<HotplugEvent, 'sysfsName' | 'action' | 'serialNumber'>): PortTransition {
  return { sysfsName, words: `${action} of ${JSON.stringify(serialNumber)}` };
}
