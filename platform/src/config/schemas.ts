import { z } from 'zod';

/** A whole number. Empty text and `1e3` are refused, which `z.coerce.number()` would take. */
export function integer({ minimum, maximum }: { minimum: number; maximum: number }): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, `expected a number from ${minimum} to ${maximum}`);
}

/** 0 takes a free port. */
export function port(): z.ZodType<number, string> {
  return integer({ minimum: 0, maximum: 65_535 });
}

export function toggle(): z.ZodType<boolean, string> {
  return z.enum(['true', 'false'], 'expected true or false').transform((word) => word === 'true');
}

export function text(): z.ZodType<string, string> {
  return z.string().trim().min(1, 'expected some text');
}

export function optionalText(): z.ZodType<string | undefined, string | undefined> {
  return z.string().trim().min(1).optional();
}

/** @param protocols With the colon, e.g. `https:`. */
export function optionalUrl(protocols: readonly string[]): z.ZodType<string | undefined, string | undefined> {
  const isUrl = (value: string): boolean => protocols.includes(URL.parse(value)?.protocol ?? '');
  return z
    .string()
    .trim()
    .refine(isUrl, `expected a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`)
    .optional();
}

/** Of a whole: from 0 to 1. */
export function share(): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d(\.\d+)?$/, 'expected a number from 0 to 1')
    .transform(Number)
    .refine((value) => value <= 1, 'expected a number from 0 to 1');
}

/** Comma-separated words. */
export function list(): z.ZodType<string[], string> {
  return z.string().transform((items) =>
    items
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[]): z.ZodType<Word> {
  return z.literal([...words], `expected one of ${words.join(', ')}`);
}
