import { printableText } from '@autoweave/platform/errors';

/** Moves a cursor, turns the direction of writing, hides, or is half of a character: but for line ends. */
const unsafe = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of others, on one line of a terminal. */
export function lineText(text: string): string {
  return printableText(text.replaceAll(/[\n\t]/g, '\u{fffd}'));
}

/** JSON in which everything unsafe is escaped, and nothing is lost. */
export function safeJson(json: string): string {
  return json.replaceAll(unsafe, (character) =>
    Array.from({ length: character.length }, (_, index) => unitEscape(character.charCodeAt(index))).join(''),
  );
}

/** YAML in which everything unsafe is escaped. All of it must be in double quotes, see `isUnsafe`. */
export function safeYaml(yaml: string): string {
  return yaml.replaceAll(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xff_ff ? `\\U${code.toString(16).padStart(8, '0')}` : unitEscape(code);
  });
}

/** Whether a text must stand in double quotes in YAML, so that `safeYaml` can escape what is in it. */
export function isUnsafe(text: string): boolean {
  return text.search(unsafe) >= 0;
}

function unitEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
