import { rm } from 'node:fs/promises';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { runCommand } from '../../processes/run-command.ts';
import { findExecutables } from '../../tools/executables.ts';
import type { ToolContext } from '../../tools/index.ts';
import { findPackageManager, installPackages } from '../../tools/system-packages.ts';
import { buildah, storeFlags } from './buildah.ts';
import type { ContainerTool } from './container-tool.ts';
import { docker } from './docker.ts';
import { podman } from './podman.ts';

/**
 * buildah, podman or docker, whichever is there and answers; else buildah from the system's packages.
 *
 * @param store directory for what a tool without a store of its own keeps while it works
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE
 */
export async function findContainerTool(context: ToolContext, store: string): Promise<ContainerTool> {
  const found = await installedTool(context, store);
  if (found !== undefined) return found;
  try {
    await installPackages(context, await findPackageManager(context), ['buildah']);
  } catch (error) {
    throw unavailable(errorMessage(error));
  }
  const installed = await installedTool(context, store);
  if (installed === undefined) throw unavailable('the package brought no program that works');
  return installed;
}

async function installedTool(context: ToolContext, store: string): Promise<ContainerTool | undefined> {
  for (const path of await findExecutables('buildah', context.searchPath)) {
    for (const driver of ['overlay', 'vfs'] as const) {
      const kept = { directory: store, driver };
      if (await answers(path, storeFlags(kept))) return buildah(path, kept);
      await rm(store, { recursive: true, force: true });
    }
  }
  for (const [name, make] of Object.entries({ podman, docker })) {
    for (const path of await findExecutables(name, context.searchPath)) {
      if (await answers(path, [])) return make(path);
    }
  }
  return undefined;
}

/** docker and podman are often there as clients only, without what they talk to. */
function answers(path: string, flags: readonly string[]): Promise<boolean> {
  return runCommand(path, [...flags, 'info'], { signal: AbortSignal.timeout(10_000) }).then(
    () => true,
    () => false,
  );
}

function unavailable(reason: string): AutoWeaveError {
  const message = `Building images needs buildah, podman or docker; buildah could not be installed: ${reason}`;
  return new AutoWeaveError('AW_TOOL_UNAVAILABLE', message);
}
