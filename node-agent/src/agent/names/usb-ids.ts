import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface UsbIdNames {
  /** Empty when the database does not know it. */
  readonly vendorName: string;
  readonly productName: string;
}

/** Where Debian and Fedora keep it; tried after the one that npm `usb.ids` brings, which is newer. */
const systemFiles = ['/usr/share/misc/usb.ids', '/usr/share/hwdata/usb.ids', '/var/lib/usbutils/usb.ids'];

const rememberedLimit = 256;

/**
 * Names from the usb.ids database, for devices that do not tell their own. Searched in the text of the file, which is
 * read when a name is wanted and let go afterwards: parsed, its 20,000 entries would cost more memory than the agent.
 */
export class UsbIds {
  readonly #files: readonly string[];
  readonly #remembered = new Map<string, UsbIdNames>();

  constructor(files: readonly string[] = [packagedFile(), ...systemFiles]) {
    this.#files = files;
  }

  async lookUp({
    vendorId,
    productId,
  }: {
    readonly vendorId: string;
    readonly productId: string;
  }): Promise<UsbIdNames> {
    const key = `${vendorId}:${productId}`;
    const known = this.#remembered.get(key);
    if (known) {
      return known;
    }
    const names = findNames(await this.#read(), { vendorId, productId });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= rememberedLimit && oldest !== undefined) {
      this.#remembered.delete(oldest);
    }
    this.#remembered.set(key, names);
    return names;
  }

  async #read(): Promise<Buffer> {
    for (const file of this.#files) {
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes) {
        return bytes;
      }
    }
    return Buffer.alloc(0);
  }
}

/**
 * A vendor is a line `046d  Logitech, Inc.`; its products are the lines below it that begin with a tab. Only vendors
 * begin a line with four hex digits and two spaces.
 */
export function findNames(
  database: Buffer,
  ids: { readonly vendorId: string; readonly productId: string },
): UsbIdNames {
  const vendor = valueOf(database, `\n${ids.vendorId}  `, 0);
  if (!vendor) {
    return { vendorName: '', productName: '' };
  }
  const product = valueOf(database, `\n\t${ids.productId}  `, vendor.end);
  const isOfVendor = product !== undefined && product.start < nextVendor(database, vendor.end);
  return { vendorName: vendor.text, productName: isOfVendor ? product.text : '' };
}

function valueOf(database: Buffer, mark: string, from: number) {
  const start = database.indexOf(mark, from, 'latin1');
  if (start < 0) {
    return undefined;
  }
  const lineEnd = database.indexOf('\n', start + 1, 'latin1');
  const end = lineEnd < 0 ? database.length : lineEnd;
  return { start, end, text: database.toString('utf8', start + mark.length, end).trim() };
}

/** Where the next line begins that is neither a product, nor an interface, nor a comment. */
function nextVendor(database: Buffer, from: number): number {
  let start = from;
  while (start >= 0 && start + 1 < database.length) {
    const first = database.toString('latin1', start + 1, start + 2);
    if (first !== '\t' && first !== '#') {
      return start;
    }
    start = database.indexOf('\n', start + 1, 'latin1');
  }
  return database.length;
}

function packagedFile(): string {
  return fileURLToPath(new URL('usb.ids', import.meta.resolve('usb.ids/package.json')));
}
