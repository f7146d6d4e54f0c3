import type { UsbDevice } from '@autoweave/crds';
import { unexpectedAbsence } from './absence.ts';

/** Absent devices that nobody expects, by the node that saw them last. */
export class AbsentDevices {
  readonly #sinceByNode = new Map<string, Map<string, number>>();
  readonly #nodes = new Map<string, string>();

  /** @param device undefined when it is gone */
  update(name: string, device: UsbDevice | undefined): void {
    const known = this.#nodes.get(name);
    if (known !== undefined) this.#remove(name, known);
    const absence = device === undefined ? undefined : unexpectedAbsence(device);
    if (absence === undefined) return;
    this.#nodes.set(name, absence.nodeName);
    const devices = this.#sinceByNode.get(absence.nodeName) ?? new Map<string, number>();
    this.#sinceByNode.set(absence.nodeName, devices.set(name, absence.since));
  }

  /** Names of those beyond `maximum` at the node where this one was last, the longest absent first. */
  excessBeside(name: string, maximum: number): readonly string[] {
    const devices = this.#sinceByNode.get(this.#nodes.get(name) ?? '');
    if (devices === undefined || devices.size <= maximum) return [];
    const oldestFirst = [...devices].toSorted(([, left], [, right]) => left - right);
    return oldestFirst.slice(0, devices.size - maximum).map(([excess]) => excess);
  }

  #remove(name: string, nodeName: string): void {
    this.#nodes.delete(name);
    const devices = this.#sinceByNode.get(nodeName);
    devices?.delete(name);
    if (devices?.size === 0) this.#sinceByNode.delete(nodeName);
  }
}
