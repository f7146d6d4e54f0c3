const secretNames = ['password', 'token', 'secret', 'authorization', 'apiKey', 'clientKey', 'privateKey'];
const urlNames = ['url', 'redisUrl', 'server', 'endpoint'];
const urlCredentials = /([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi;
const urlPasswords = /([?&]\w*password=)[^&#\s]*/gi;

/** For pino: secrets at the top level of a log line, and one and two levels below. */
export const redactedPaths: readonly string[] = [...secretNames, ...urlNames].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** A URL stays readable without its credentials; anything else on the list is replaced. */
export function censor(value: unknown, path: readonly string[]): unknown {
  const name = path.at(-1) ?? '';
  if (secretNames.includes(name)) return value === undefined || value === '' ? value : '[redacted]';
  return typeof value === 'string' ? withoutCredentials(value) : value;
}

/** Replaces the credentials of every URL in the text. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(urlCredentials, '$1[redacted]@').replaceAll(urlPasswords, '$1[redacted]');
}
