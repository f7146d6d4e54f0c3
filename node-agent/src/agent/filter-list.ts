import { list } from '@autoweave/platform/config';
import type { z } from 'zod';
import type { DeviceFilter } from './inventory/device-filters.ts';

const pattern = /^(?:class=(?<deviceClass>[0-9a-f]{2})|(?<vendorId>[0-9a-f]{4})(?::(?<productId>[0-9a-f]{4}))?)$/;

/** Comma-separated: `046d` (a vendor), `046d:c31c` (a product), `class=03` (a device or interface class). */
export function filterList(): z.ZodType<DeviceFilter[], string> {
  return list()
    .refine((words) => words.every((word) => pattern.test(word)), 'expected 046d, 046d:c31c or class=03, with commas')
    .transform((words) => words.map(parseFilter));
}

function parseFilter(word: string): DeviceFilter {
  const groups = pattern.exec(word)?.groups ?? {};
  return Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined));
}
