/** Most UTF-16 units that a USB string descriptor can hold (USB 2.0, 9.6.7). */
const longestString = 126;

/**
 * Controls (C0, DEL, C1), line and paragraph separators, and the marks that change the direction of text: a device may
 * send any of them, and they would forge what a terminal or a log shows.
 */
const unprintable = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const decoder = new TextDecoder('utf-8');

/** Text of a device as it may be shown, stored and compared: printable, valid, trimmed, at most 126 UTF-16 units. */
export function usbText(bytes: Uint8Array): string {
  return cleanUsbText(decoder.decode(bytes));
}

export function cleanUsbText(text: string): string {
  return text
    .toWellFormed()
    .replace(unprintable, '')
    .trim()
    .slice(0, longestString)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
}
