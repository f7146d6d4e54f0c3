/** `[major, minor, patch]`. */
export type Version = readonly [number, number, number];

/** The first dotted number in a text such as `Kubernetes v1.36.3`, `go version go1.19 linux/amd64`. */
export function parseVersion(text: string): Version | undefined {
  const match = /(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

export function isAtLeast(version: Version, minimum: Version): boolean {
  for (const [index, part] of version.entries()) {
    const least = minimum[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

export function versionText(version: Version): string {
  return version.join('.');
}
