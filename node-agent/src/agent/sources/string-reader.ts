import { closeSync, openSync, read } from 'node:fs';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { isGone } from './sysfs-files.ts';
import { usbText } from './usb-text.ts';

/**
 * Reads the string attributes of devices (serial, manufacturer, product).
 *
 * The kernel serves these under the lock of the device, which a driver may hold for seconds while it probes: such a
 * read may neither happen on the main thread nor take the last thread of libuv's pool (4 by default).
 */
export class StringReader {
  readonly #timeoutMilliseconds: number;
  /** Reads that wait for their turn, longest first. */
  readonly #waiting = new Set<() => void>();
  /** First paths of reads that still hold their turn after the timeout. */
  readonly #overdue = new Set<string>();
  #free = 3;

  constructor(timeoutMilliseconds: number) {
    this.#timeoutMilliseconds = timeoutMilliseconds;
  }

  /**
   * The texts of these files, empty where a device has none, one after the other in one turn.
   * @throws AutoWeaveError AW_USB_UNREADABLE after the timeout, and at once while an earlier read of them is overdue:
   * one device that hangs must not take the turns of all others.
   */
  async read(paths: readonly string[]): Promise<string[]> {
    const [first = ''] = paths;
    if (this.#overdue.has(first)) {
      throw new AutoWeaveError('AW_USB_UNREADABLE', `Still no answer for ${first}`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    const begin = () => {
      void readTexts(paths)
        .then(resolve, reject)
        .finally(() => {
          this.#overdue.delete(first);
          this.#passOn();
        });
    };
    const timer = setTimeout(() => {
      if (!this.#waiting.delete(begin)) {
        this.#overdue.add(first);
      }
      reject(new AutoWeaveError('AW_USB_UNREADABLE', `No answer for ${first} in ${this.#timeoutMilliseconds} ms`));
    }, this.#timeoutMilliseconds);
    if (this.#free > 0) {
      this.#free -= 1;
      begin();
    } else {
      this.#waiting.add(begin);
    }
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A turn ends when the kernel has answered, also after the timeout: the thread of the pool is taken until then. */
  #passOn(): void {
    const [next] = this.#waiting;
    if (next) {
      this.#waiting.delete(next);
      next();
    } else {
      this.#free += 1;
    }
  }
}

async function readTexts(paths: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const path of paths) {
    texts.push(await readText(path));
  }
  return texts;
}

async function readText(path: string): Promise<string> {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (isGone(error)) {
      return '';
    }
    throw error;
  }
  const buffer = Buffer.allocUnsafe(1024);
  return await new Promise((resolve, reject) => {
    read(descriptor, buffer, 0, buffer.length, -1, (error, length) => {
      closeSync(descriptor);
      if (error && !isGone(error)) {
        reject(error);
      } else {
        resolve(error ? '' : usbText(buffer.subarray(0, length)));
      }
    });
  });
}
