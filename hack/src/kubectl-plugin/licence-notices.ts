const licenceFiles = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'];

/**
 * The licences of the packages that files are from, as one comment: whoever copies the program copies them, too.
 *
 * @throws Error when a package has no licence file.
 */
export async function licenceNotices(
  paths: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<string> {
  const packages = new Set(paths.map(packageOf).filter((name) => name !== undefined));
  const notices: string[] = [];
  for (const name of [...packages].toSorted()) {
    const manifest: { readonly name: string; readonly version: string; readonly license: string } = JSON.parse(
      await read(`${name}/package.json`),
    );
    const licence = await firstOf(
      licenceFiles.map((file) => `${name}/${file}`),
      read,
    );
    notices.push(`${manifest.name} ${manifest.version} (${manifest.license})\n\n${licence.trim()}`);
  }
  const text = notices.join('\n\n----\n\n').replaceAll('*/', '* /');
  return `/*\nIn this file are parts of the following packages.\n\n${text}\n*/\n`;
}

/** `node_modules/yaml`, also of a package within a package. */
function packageOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

async function firstOf(paths: readonly string[], read: (path: string) => Promise<string>): Promise<string> {
  for (const path of paths) {
    const text = await read(path).catch(() => undefined);
    if (text !== undefined) return text;
  }
  throw new Error(`There is none of ${paths.join(', ')}`);
}
