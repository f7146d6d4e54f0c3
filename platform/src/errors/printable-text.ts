/** Text of others for a condition, an Event or a terminal: nothing in it moves a cursor or turns the direction of writing. */
export function printableText(text: string): string {
  return text.toWellFormed().replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}
