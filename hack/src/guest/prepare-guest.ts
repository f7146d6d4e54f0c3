import type { ToolContext } from '../tools/index.ts';
import { dependenciesDrive } from './drives.ts';
import { type GuestTools, provideGuestTools } from './guest-tools.ts';
import { type Machine, machineOf } from './machine.ts';
import { type GuestSystem, guestSystem } from './system.ts';

/** What all guests share. */
export interface PreparedGuest {
  readonly machine: Machine;
  readonly tools: GuestTools;
  readonly system: GuestSystem;
  /** Image with node_modules. */
  readonly dependencies: string;
}

/** Gets tools and images: minutes the first time, nothing after that. */
export async function prepareGuest(context: ToolContext): Promise<PreparedGuest> {
  const machine = machineOf(context.platform.architecture);
  const tools = await provideGuestTools(context, machine);
  const system = await guestSystem(context, machine);
  return { machine, tools, system, dependencies: await dependenciesDrive(context, tools) };
}
