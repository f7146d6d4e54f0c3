import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * The licences of packages in one text: most of them ask to go wherever the code goes.
 *
 * @param packages keys of package-lock.json; workspaces are left out
 * @param nodeModules where they are
 */
export async function thirdPartyLicenses(packages: readonly string[], nodeModules: string): Promise<string> {
  const sections: string[] = [];
  for (const path of packages.filter((key) => key.startsWith('node_modules/'))) {
    const directory = join(nodeModules, relative('node_modules', path));
    const names = (await readdir(directory)).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name)).toSorted();
    const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
    if (texts.length > 0)
      sections.push(`${relative('node_modules', path)}\n\n${texts.map((text) => text.trim()).join('\n\n')}`);
  }
  return `${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
