import { failed, failure, type Parsed } from './validation-failure.ts';

/** @param field where the text stands; empty: it is the value as a whole. */
export function parseJson(text: string, field = ''): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(failure(field, text, `give JSON: ${reason}`));
  }
}
