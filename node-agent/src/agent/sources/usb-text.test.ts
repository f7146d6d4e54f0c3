import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanUsbText, usbText } from './usb-text.ts';

describe('text of a device', () => {
  it('keeps spaces, signs and letters of any script', () => {
    const text = 'Zoë\'s @"bench 3" №7 日本';
    expect(usbText(Buffer.from(`${text}\n`))).toBe(text);
  });

  it('is always printable, valid, short, and stays as it is when cleaned again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const text = usbText(bytes);
        expect(text.length).toBeLessThanOrEqual(126);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/\p{Cc}/u);
        expect(cleanUsbText(text)).toBe(text);
      }),
    );
  });

  it('is not cut through a character', () => {
    expect(cleanUsbText(`${'x'.repeat(125)}😀`)).toBe('x'.repeat(125));
  });
});
