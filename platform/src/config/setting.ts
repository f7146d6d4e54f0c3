import type { z } from 'zod';

/** One thing a process can be told. Its text comes from the flag, else the variable, else the default. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** One sentence for `--help`. */
  readonly description: string;
  /** From the text to the value. See `./schemas.ts` for numbers, switches and lists. */
  readonly schema: Schema;
  /** As text, like a flag would give it. Without a default the setting is required, unless the schema is optional. */
  readonly default?: string;
  /** Default: `AW_` and the name in capitals, `usbSource` → `AW_USB_SOURCE`. */
  readonly env?: string;
  /** Default: the name in kebab case, `usbSource` → `--usb-source`. */
  readonly flag?: string;
  /** Never shown in a message. */
  readonly secret?: boolean;
  /** The flag needs no value: `--once` means `--once=true`. */
  readonly switch?: boolean;
}

export type Settings = Readonly<Record<string, Setting>>;

/** Deeply read-only. */
export type Frozen<T> = T extends (...values: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

export type Config<S extends Settings> = { readonly [Name in keyof S]: Frozen<z.output<S[Name]['schema']>> };

/** `--usb-source` */
export function flagOf(name: string, setting: Setting): string {
  return `--${setting.flag ?? words(name).join('-')}`;
}

/** `AW_USB_SOURCE` */
export function variableOf(name: string, setting: Setting): string {
  return setting.env ?? `AW_${words(name).join('_').toUpperCase()}`;
}

function words(name: string): string[] {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).split('-');
}
