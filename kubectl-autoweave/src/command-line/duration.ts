import { AutoWeaveError } from '@autoweave/platform/errors';

const unitMilliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `10m`, `1h30m`, `2d`; a number alone counts seconds. @throws AutoWeaveError AW_CONFIG_INVALID with the flag. */
export function parseDuration(text: string, flag: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    const message = `${flag}: "${text}" is no duration; write e.g. 90s, 10m, 1h30m or 2d`;
    throw new AutoWeaveError('AW_CONFIG_INVALID', message, { field: flag, value: text });
  }
  let milliseconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    milliseconds += Number(amount) * (unitMilliseconds[unit] ?? 0);
  }
  return milliseconds;
}
