import { errorCodes, type ErrorCode } from '@autoweave/crds';
import { printableText } from '@autoweave/platform/errors';

/** Why a plugin cannot run until somebody changes something. */
export interface PluginFault {
  readonly code: ErrorCode;
  /** What is wrong, with field and value. */
  readonly message: string;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: PluginFault };

export function faulty(code: ErrorCode, message: string): { readonly ok: false; readonly fault: PluginFault } {
  return { ok: false, fault: { code, message } };
}

/** For a condition: code, what is wrong, what to do. */
export function faultMessage({ code, message }: PluginFault): string {
  return `${code}: ${printableText(message)}. ${errorCodes[code]}`;
}

/** `AW_DIGEST_MISMATCH` becomes `DigestMismatch`. */
export function reasonOf(code: string): string {
  const words = code.replace(/^AW_/, '').toLowerCase().split('_');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') || 'Failed';
}
