import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../processes/run-command.ts';

export interface KubectlAccess {
  readonly kubectl: string;
  readonly kubeconfigPath: string;
  /** kubectl keeps its discovery cache here. */
  readonly directory: string;
}

/** Applies the YAML files in `paths` (files or directories) and waits until the CRDs among them are served. */
export async function applyManifests(access: KubectlAccess, paths: readonly string[]): Promise<void> {
  const files = (await Promise.all(paths.map(yamlFiles))).flat();
  if (files.length === 0) return;
  const filenames = files.flatMap((file) => ['--filename', file]);
  await runKubectl(access, ['apply', '--server-side', '--force-conflicts', ...filenames]);
  const definitions = await runKubectl(access, ['get', 'customresourcedefinitions', '--output=name']);
  if (definitions.trim() === '') return;
  await runKubectl(access, ['wait', '--for=condition=Established', '--timeout=60s', ...definitions.trim().split('\n')]);
}

/** Standard output of `kubectl` with the given parameters. @throws CommandError when it fails. */
export function runKubectl(access: KubectlAccess, parameters: readonly string[]): Promise<string> {
  const { kubectl, kubeconfigPath, directory } = access;
  const flags = [`--kubeconfig=${kubeconfigPath}`, `--cache-dir=${join(directory, 'kubectl-cache')}`];
  return runCommand(kubectl, [...flags, ...parameters]);
}

async function yamlFiles(path: string): Promise<string[]> {
  const information = await stat(path).catch(() => undefined);
  if (information === undefined) return [];
  if (information.isFile()) return [path];
  const names = await readdir(path);
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(path, name));
}
