import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownDevice, Transition } from '../ports.ts';
import { inventoryOf, MemoryDistrust, MemorySink } from './testing/inventory-bench.ts';
import { ModelWorld, type ModelTransition } from './testing/model-world.ts';

type Operation =
  | { readonly type: 'plug'; readonly port: number; readonly serial: string }
  | { readonly type: 'unplug'; readonly port: number }
  | { readonly type: 'repeat'; readonly back: number }
  | { readonly type: 'rescan' | 'lose' | 'hear' | 'restart' }
  | { readonly type: 'hang' | 'answer'; readonly port: number };

const port = fc.integer({ min: 1, max: 2 });
const serial = fc.constantFrom('A1B2C3', 'D4E5F6', 'F7A8B9', '');
const plug = fc.record({ type: fc.constant('plug' as const), port, serial });
const unplug = fc.record({ type: fc.constant('unplug' as const), port });
const repeat = fc.record({ type: fc.constant('repeat' as const), back: fc.integer({ min: 1, max: 3 }) });
const rescan = fc.record({ type: fc.constant('rescan' as const) });
const loss = fc.record({ type: fc.constantFrom('lose' as const, 'hear' as const) });
const restart = fc.record({ type: fc.constant('restart' as const) });
const hang = fc.record({ type: fc.constantFrom('hang' as const, 'answer' as const), port });

/** Runs the operations against a world whose answers come in the order that the scheduler chooses, then lets it settle. */
async function run(scheduler: fc.Scheduler, operations: readonly Operation[]) {
  const world = new ModelWorld(async (label) => scheduler.schedule(Promise.resolve(), label));
  const sink = new MemorySink();
  const distrusted = new MemoryDistrust();
  const begin = () => inventoryOf(world, { sink, distrusted, recorded: sink.recorded }).inventory;
  let inventory = begin();
  let starting = inventory.start();
  const pending: Promise<void>[] = [];
  const apply = async (operation: Operation) => {
    switch (operation.type) {
      case 'plug':
        return world.plug(operation.port, operation.serial);
      case 'unplug':
        return world.unplug(operation.port);
      case 'repeat':
        return world.repeat(world.edges.at(-operation.back));
      case 'rescan':
        return void pending.push(inventory.resync());
      case 'lose':
      case 'hear':
        world.losing = operation.type === 'lose';
        return;
      case 'hang':
        return void world.unreadable.add(`1-${operation.port}`);
      case 'answer':
        return void world.unreadable.delete(`1-${operation.port}`);
      case 'restart':
        pending.push(starting, inventory.stop());
        inventory = begin();
        starting = inventory.start();
    }
  };
  scheduler.scheduleSequence(
    operations.map((operation) => ({ label: JSON.stringify(operation), builder: async () => apply(operation) })),
  );
  await scheduler.waitIdle();
  world.pace = async () => undefined;
  world.losing = false;
  world.unreadable.clear();
  await Promise.allSettled([...pending, starting]);
  await world.barrier();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await inventory.resync();
  await inventory.stop();
  return { world, inventory, told: sink.transitions, distrusted };
}

function places(devices: readonly Pick<KnownDevice, 'sysfsName' | 'deviceAddress'>[]): string[] {
  return devices.map((device) => `${device.sysfsName} ${device.deviceAddress}`).toSorted();
}

function byPath(transitions: readonly ModelTransition[]): Record<string, string[]> {
  const paths: Record<string, string[]> = {};
  for (const { action, sysfsName, deviceAddress } of transitions) {
    (paths[sysfsName] ??= []).push(`${action} ${deviceAddress}`);
  }
  return paths;
}

function flat(told: readonly Transition[]): ModelTransition[] {
  return told.map(({ action, device }) => ({ ...device, action }));
}

/** Of every place, and of every device: it comes, it goes, it comes. */
function expectAlternation(told: readonly Transition[]): void {
  const present = new Map<string, string>();
  for (const { action, device } of told) {
    for (const key of [`place ${device.sysfsName}`, ...(device.name === '' ? [] : [`device ${device.name}`])]) {
      expect(present.get(key) ?? 'detach', `${action} of ${key}`).not.toBe(action);
      present.set(key, action);
    }
  }
}

const runs = 250;

describe('an inventory', { timeout: 60_000 }, () => {
  it('tells every transition of the kernel once and in order, whatever comes when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(
          fc.oneof(
            { weight: 4, arbitrary: plug },
            { weight: 4, arbitrary: unplug },
            { weight: 1, arbitrary: fc.oneof(rescan, repeat) },
          ),
          { maxLength: 24 },
        ),
        async (scheduler, operations) => {
          const { world, inventory, told, distrusted } = await run(scheduler, operations);
          expect(byPath(flat(told))).toEqual(byPath(world.history));
          expect(places(inventory.list())).toEqual(places(world.plugged));
          expectAlternation(told);
          const believed = [...distrusted].map((key) => key.split(':')[2]);
          expect(believed.filter((text) => !world.twins.has(text ?? ''))).toEqual([]);
        },
      ),
      { numRuns: runs },
    );
  });

  it('knows the truth after losses, hanging devices and restarts, and contradicts itself at no time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(
          fc.oneof(
            { weight: 4, arbitrary: plug },
            { weight: 4, arbitrary: unplug },
            { weight: 1, arbitrary: fc.oneof(rescan, loss, restart, hang) },
          ),
          { maxLength: 24 },
        ),
        async (scheduler, operations) => {
          const { world, inventory, told } = await run(scheduler, operations);
          expect(places(inventory.list())).toEqual(places(world.plugged));
          expectAlternation(told);
        },
      ),
      { numRuns: runs },
    );
  });
});
