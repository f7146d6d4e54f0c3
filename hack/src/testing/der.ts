/** As much of DER (X.690) as a certificate needs: Node can read certificates, but not make them. */

type Bytes = Uint8Array;

function element(tag: number, ...contents: Bytes[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.from([0x80 | octets.length, ...octets]);
}

export const sequence = (...contents: Bytes[]): Buffer => element(0x30, ...contents);
export const set = (...contents: Bytes[]): Buffer => element(0x31, ...contents);
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0]));
export const octetString = (content: Bytes): Buffer => element(0x04, content);
export const bitString = (content: Bytes, unusedBits = 0): Buffer => element(0x03, Buffer.from([unusedBits]), content);
export const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text));

/** `content` is an unsigned big-endian number. */
export function integer(content: Bytes): Buffer {
  const signed = (content[0] ?? 0) >= 0x80;
  return element(0x02, signed ? Buffer.concat([Buffer.from([0]), content]) : content);
}

/** UTCTime: good until 2049. */
export function utcTime(date: Date): Buffer {
  const text = date
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, '')
    .slice(2);
  return element(0x17, Buffer.from(text));
}

/** `[tag] EXPLICIT`, or the constructed form of `[tag] IMPLICIT`. */
export const tagged = (tag: number, ...contents: Bytes[]): Buffer => element(0xa0 | tag, ...contents);
/** `[tag] IMPLICIT` of a primitive type. */
export const taggedPrimitive = (tag: number, content: Bytes): Buffer => element(0x80 | tag, content);

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
  return groups;
}
