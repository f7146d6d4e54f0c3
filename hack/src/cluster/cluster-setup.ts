import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterTools } from '../tools/index.ts';
import { ClusterState } from './cluster-state.ts';
import { type AdminAccess, readAdminAccess } from './credentials.ts';
import type { ClusterLayout } from './layout.ts';
import { makeCgroups, removeCgroups } from './sandbox/cgroups.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import { makeUplink, removeUplink } from './sandbox/uplink.ts';
import { writeConfiguration } from './write-configuration.ts';

/** What the servers of a cluster run in, and are reached by. */
export interface ClusterSetup {
  readonly sandbox: Sandbox;
  readonly admin: AdminAccess;
  readonly state: ClusterState;
}

/** The one that is there, or a new one. */
export async function setUp(layout: ClusterLayout, tools: ClusterTools): Promise<ClusterSetup> {
  const sandbox = await runningSandbox(layout);
  if (sandbox !== undefined) {
    return { sandbox, admin: await readAdminAccess(layout), state: new ClusterState(layout.state) };
  }
  await tearDown(layout);
  try {
    return await setUpNew(layout, tools);
  } catch (error) {
    await tearDown(layout);
    throw error;
  }
}

async function setUpNew(layout: ClusterLayout, tools: ClusterTools): Promise<ClusterSetup> {
  const state = new ClusterState(layout.state);
  await mkdir(layout.logs, { recursive: true });
  const admin = await writeConfiguration(layout, tools);
  await makeCgroups();
  const sandbox = await Sandbox.start(layout.directory, join(layout.logs, 'sandbox.log'));
  await state.keep('sandbox', sandbox.identity);
  await makeUplink(sandbox, (uplink) => state.keep('uplink', uplink));
  return { sandbox, admin, state };
}

/** Undefined when the cluster is down. */
export async function runningSandbox(layout: ClusterLayout): Promise<Sandbox | undefined> {
  const identity = await new ClusterState(layout.state).read('sandbox');
  if (identity === undefined) return undefined;
  const sandbox = new Sandbox(identity);
  return (await sandbox.isRunning()) ? sandbox : undefined;
}

/** Ends all that runs and removes all that is left, also of a cluster that was interrupted. May be called again. */
export async function tearDown(layout: ClusterLayout): Promise<void> {
  const state = new ClusterState(layout.state);
  await (await runningSandbox(layout))?.kill();
  const uplink = await state.read('uplink');
  if (uplink !== undefined) await removeUplink(uplink);
  await removeCgroups();
  await rm(layout.directory, { recursive: true, force: true });
}
