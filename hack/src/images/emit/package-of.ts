/**
 * The key in package-lock.json of the package that a module is of: `node_modules/zod`, or the folder of a workspace.
 *
 * @param path relative to the repository
 * @param workspaces their folders
 */
export function packageOf(path: string, workspaces: readonly string[]): string | undefined {
  const [installed] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
  return installed ?? workspaces.find((folder) => path.startsWith(`${folder}/`));
}
