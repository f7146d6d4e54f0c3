import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Whether what npm says it installed is what package-lock.json asks for. npm writes node_modules/.package-lock.json
 * when an installation is complete, so an interrupted one does not pass. Packages for other systems are optional and
 * may be absent.
 *
 * @param {{ packages: Record<string, { version?: string, optional?: boolean }> }} wanted
 * @param {{ packages: Record<string, { version?: string }> }} installed
 */
export function isInstalled(wanted, installed) {
  return Object.entries(wanted.packages).every(([path, { version, optional = false }]) => {
    const found = installed.packages[path];
    if (path === '') return true;
    return found === undefined ? optional : found.version === version;
  });
}

/**
 * @param {string} root directory of package-lock.json
 * @returns {Promise<boolean>}
 */
export async function dependenciesAreInstalled(root) {
  try {
    const wanted = await readJson(join(root, 'package-lock.json'));
    const installed = await readJson(join(root, 'node_modules/.package-lock.json'));
    return isInstalled(wanted, installed);
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return false;
    throw error;
  }
}

/** @param {string} path */
async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}
