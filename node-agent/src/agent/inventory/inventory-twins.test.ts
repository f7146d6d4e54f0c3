import { afterEach, describe, expect, it } from 'vitest';
import type { Inventory } from './inventory.ts';
import { Gate } from './testing/gate.ts';
import { brief, inventoryOf, type InventoryBench } from './testing/inventory-bench.ts';
import { ModelWorld } from './testing/model-world.ts';

describe('an inventory of devices with one serial number', () => {
  const started: Inventory[] = [];

  afterEach(async () => {
    await Promise.all(started.splice(0).map(async (inventory) => inventory.stop()));
  });

  async function start(world: ModelWorld): Promise<InventoryBench> {
    const bench = inventoryOf(world);
    started.push(bench.inventory);
    await bench.inventory.start();
    return bench;
  }

  it('leaves the first its name, for as long as it stays, and never trusts the number again', async () => {
    const world = new ModelWorld();
    const { inventory, distrusted } = await start(world);
    world.plug(1, 'TWIN01');
    await expect.poll(() => inventory.list().length).toBe(1);
    const name = inventory.list()[0]?.name;
    world.plug(2, 'TWIN01');
    await expect.poll(() => inventory.list().length).toBe(2);
    expect(inventory.list().map((device) => device.identityQuality)).toEqual(['Serial', 'Ambiguous']);
    expect(inventory.list().find((device) => device.name === name)?.sysfsName).toBe('1-1');
    expect([...distrusted]).toEqual(['046d:c31c:TWIN01']);
    world.unplug(2);
    world.unplug(1);
    world.plug(1, 'TWIN01');
    await expect.poll(() => inventory.list().map((device) => device.identityQuality)).toEqual(['Ambiguous']);
    expect(inventory.list()[0]?.name).not.toBe(name);
  });

  it('trusts neither of two that were there first', async () => {
    const world = new ModelWorld();
    world.plug(1, 'TWIN01');
    world.plug(2, 'TWIN01');
    const { inventory } = await start(world);
    expect(inventory.list().map((device) => device.identityQuality)).toEqual(['Ambiguous', 'Ambiguous']);
    expect(new Set(inventory.list().map((device) => device.name)).size).toBe(2);
  });

  it('knows one that moved while it was read from a twin', async () => {
    const world = new ModelWorld();
    const { sink, distrusted } = await start(world);
    const gate = new Gate('answer 1-2');
    world.pace = gate.pass;
    world.plug(2, 'MOVES1');
    await gate.waiting;
    world.unplug(2);
    world.plug(1, 'MOVES1');
    await expect.poll(() => brief(sink.transitions)).toEqual(['attach 1-1 MOVES1 netlink']);
    gate.open();
    await expect.poll(() => sink.transitions.length).toBe(3);
    expect(brief(sink.transitions).slice(1)).toEqual(['attach 1-2  netlink partial', 'detach 1-2  netlink partial']);
    expect(distrusted.size).toBe(0);
  });

  it('knows one that moved unseen from a twin, and tells that it left before it tells where it came', async () => {
    const world = new ModelWorld();
    world.plug(1, 'MOVES1');
    const { inventory, sink, distrusted } = await start(world);
    world.losing = true;
    world.unplug(1);
    world.losing = false;
    world.plug(2, 'MOVES1');
    await expect.poll(() => sink.transitions.length).toBe(3);
    expect(brief(sink.transitions).slice(1)).toEqual(['detach 1-1 MOVES1 simulated', 'attach 1-2 MOVES1 netlink']);
    expect(distrusted.size).toBe(0);
    expect(inventory.list()[0]?.name).toBe(sink.transitions[0]?.device.name);
  });
});
