import type { ToolContext } from '../tools/index.ts';
import { dependenciesDrive } from './drives.ts';
import { type GuestTools, provideGuestTools } from './guest-tools.ts';
import { type Machine, machineOf } from './machine.ts';
import { type GuestSystem, guestSystem } from './system.ts';

/** What every guest boots from. */
export interface PreparedGuestSystem {
  readonly machine: Machine;
  readonly tools: GuestTools;
  readonly system: GuestSystem;
}

export interface PreparedGuest extends PreparedGuestSystem {
  /** Image with node_modules. */
  readonly dependencies: string;
}

/** Gets tools and the images of the system: a minute the first time, nothing after that. */
export async function prepareGuestSystem(context: ToolContext): Promise<PreparedGuestSystem> {
  const machine = machineOf(context.platform.architecture);
  const tools = await provideGuestTools(context, machine);
  return { machine, tools, system: await guestSystem(context, machine) };
}

/** The same for a guest that runs programs of the repository. */
export async function prepareGuest(context: ToolContext): Promise<PreparedGuest> {
  const guest = await prepareGuestSystem(context);
  return { ...guest, dependencies: await dependenciesDrive(context, guest.tools) };
}
