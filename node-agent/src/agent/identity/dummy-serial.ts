/** What makers leave in the field instead of a number: compared in lower case, without spaces and punctuation. */
const placeholders = new Set([
  'default',
  'empty',
  'false',
  'invalid',
  'na',
  'nil',
  'none',
  'notavailable',
  'notspecified',
  'null',
  'serial',
  'serialnumber',
  'sn',
  'string',
  'test',
  'tobefilledbyoem',
  'true',
  'unauthorized',
  'undefined',
  'unknown',
  'naunauthorized',
  'usbserial',
]);

/**
 * Whether a serial number says nothing about which device this is, so that many carry it: nothing, a placeholder,
 * a small counter (CP210x leaves the factory as `0001`), one or two characters over and over, or digits in a row.
 */
export function isDummySerial(serialNumber: string): boolean {
  const text = serialNumber.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  return (
    text.length < 3 ||
    placeholders.has(text) ||
    /^0*\d{0,2}$/.test(text) ||
    (/^(..?)\1+.?$/u.test(text) && new Set(text).size <= 2) ||
    isRun(text)
  );
}

/** `0123456789abcdef`, `123456789`, `12345678901234567890`, `987654321`, `abcdef`: each character follows the last. */
function isRun(text: string): boolean {
  return ['0123456789abcdef', '1234567890', 'abcdefghijklmnopqrstuvwxyz', 'fedcba9876543210', '0987654321'].some(
    (row) => row.repeat(Math.ceil(text.length / row.length) + 1).includes(text),
  );
}
