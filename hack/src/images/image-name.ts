/** Without registry and tag. */
export function imageName(name: string): string {
  return `autoweave/${name}`;
}
