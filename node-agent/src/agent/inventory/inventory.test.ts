import { AutoWeaveError } from '@autoweave/platform/errors';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UsbEdgeListener, UsbEdgeSource } from '../ports.ts';
import type { Inventory, InventoryOptions } from './inventory.ts';
import { Gate } from './testing/gate.ts';
import { brief, inventoryOf, MemorySink, type InventoryBench } from './testing/inventory-bench.ts';
import { ModelWorld } from './testing/model-world.ts';

describe('an inventory', () => {
  const started: Inventory[] = [];

  afterEach(async () => {
    await Promise.all(started.splice(0).map(async (inventory) => inventory.stop()));
  });

  async function start(world: ModelWorld, overrides?: Partial<InventoryOptions>): Promise<InventoryBench> {
    const bench = inventoryOf(world, overrides);
    started.push(bench.inventory);
    await bench.inventory.start();
    return bench;
  }

  it('announces at its start what is there already, and lists it', async () => {
    const world = new ModelWorld();
    world.plug(1, 'A1B2C3');
    const { inventory, sink, metrics } = await start(world);
    expect(brief(sink.transitions)).toEqual(['attach 1-1 A1B2C3 simulated']);
    expect(inventory.list()).toEqual([sink.transitions[0]?.device]);
    expect(inventory.synced).toBe(true);
    expect(metrics).toMatchObject({ connected: 1, told: ['attach simulated'] });
  });

  it('tells after a restart only what has changed', async () => {
    const world = new ModelWorld();
    const sink = new MemorySink();
    world.plug(1, 'STAYS1');
    world.plug(2, 'LEAVES');
    const first = await start(world, { sink });
    await first.inventory.stop();
    world.unplug(2);
    world.plug(3, 'COMES3');
    sink.transitions.length = 0;
    await start(world, { sink, recorded: first.inventory.list() });
    expect(brief(sink.transitions)).toEqual(['detach 1-2 LEAVES simulated', 'attach 1-3 COMES3 simulated']);
  });

  it('tells after a reboot that every device went and came', async () => {
    const world = new ModelWorld();
    world.plug(1, 'A1B2C3');
    const before = await start(world);
    await before.inventory.stop();
    const { sink } = await start(world, { recorded: before.inventory.list(), bootId: 'boot-2' });
    expect(brief(sink.transitions)).toEqual(['detach 1-1 A1B2C3 simulated', 'attach 1-1 A1B2C3 simulated']);
  });

  it('tells edges as what told them', async () => {
    const world = new ModelWorld();
    const { sink } = await start(world);
    world.plug(1, 'A1B2C3');
    world.unplug(1);
    await expect.poll(() => sink.transitions.length).toBe(2);
    expect(sink.transitions.map(({ action, source }) => `${action} ${source}`)).toEqual([
      'attach netlink',
      'detach netlink',
    ]);
    expect(sink.transitions.map(({ timestamp }) => timestamp)).toEqual([1, 2]);
  });

  it('leaves to edges that are under way what a scan finds before they come', async () => {
    const world = new ModelWorld();
    const { inventory, sink } = await start(world);
    const gate = new Gate('deliver');
    world.pace = gate.pass;
    world.plug(1, 'FIRST1');
    world.unplug(1);
    world.plug(1, 'SECOND');
    const barrier = vi.spyOn(world, 'barrier');
    const resync = inventory.resync();
    await vi.waitFor(() => expect(barrier).toHaveBeenCalled());
    gate.open();
    await resync;
    await expect.poll(() => inventory.list().length).toBe(1);
    expect(brief(sink.transitions)).toEqual([
      'attach 1-1  netlink partial',
      'detach 1-1  netlink partial',
      'attach 1-1 SECOND netlink',
    ]);
  });

  it('answers a loss of edges with a scan', async () => {
    const world = new ModelWorld();
    const { inventory, metrics } = await start(world);
    world.losing = true;
    world.plug(1, 'A1B2C3');
    world.losing = false;
    world.plug(2, 'D4E5F6');
    await expect.poll(() => inventory.list().length).toBe(2);
    expect(metrics.losses).toBe(1);
  });

  it('shows of a device that vanished unread nothing but its events', async () => {
    const world = new ModelWorld();
    const { inventory, sink } = await start(world);
    world.pace = async () => new Promise((resolve) => setTimeout(resolve, 5));
    world.plug(1, 'A1B2C3');
    world.unplug(1);
    await expect.poll(() => sink.transitions.length).toBe(2);
    expect(brief(sink.transitions)).toEqual(['attach 1-1  netlink partial', 'detach 1-1  netlink partial']);
    expect(sink.transitions[0]?.device).toMatchObject({ name: '', vendorId: '046d', productId: 'c31c' });
    expect(inventory.list()).toEqual([]);
  });

  it('reads a device again that does not answer, and tells it once it does', async () => {
    const world = new ModelWorld();
    const { inventory, sink } = await start(world);
    world.unreadable.add('1-1');
    world.plug(1, 'A1B2C3');
    await world.barrier();
    await inventory.resync();
    expect(sink.transitions).toEqual([]);
    world.unreadable.clear();
    await expect.poll(() => brief(sink.transitions)).toEqual(['attach 1-1 A1B2C3 netlink']);
  });

  it('keeps a device that does not answer any more', async () => {
    const world = new ModelWorld();
    world.plug(1, 'A1B2C3');
    const { inventory } = await start(world);
    world.unreadable.add('1-1');
    await inventory.resync();
    expect(inventory.list()).toHaveLength(1);
  });

  describe('with filters', () => {
    const hidden = { allow: [], deny: [{ vendorId: '046d' }] };
    const open = { allow: [], deny: [] };

    it('tells nothing of what they hide', async () => {
      const world = new ModelWorld();
      const { inventory, sink, metrics } = await start(world, { filters: hidden });
      world.plug(1, 'A1B2C3');
      world.unplug(1);
      await world.barrier();
      await inventory.resync();
      expect(sink.transitions).toEqual([]);
      expect(metrics.connected).toBe(0);
    });

    it('tells of what comes into sight, and of what goes out of it, when they change', async () => {
      const world = new ModelWorld();
      world.plug(1, 'A1B2C3');
      const { inventory, sink } = await start(world, { filters: hidden });
      inventory.setFilters(open);
      inventory.setFilters(open);
      expect(inventory.list()).toHaveLength(1);
      inventory.setFilters(hidden);
      expect(inventory.list()).toEqual([]);
      expect(brief(sink.transitions)).toEqual(['attach 1-1 A1B2C3 simulated', 'detach 1-1 A1B2C3 simulated']);
    });
  });

  it('learns of drivers that are bound later, without an event', async () => {
    const world = new ModelWorld();
    world.plug(1, 'A1B2C3');
    const { inventory, sink } = await start(world);
    const updates: string[] = [];
    inventory.onUpdated((device) => updates.push(device.descriptor.interfaces[0]?.driver ?? ''));
    world.bind(1, 'autoweave-test');
    await expect.poll(() => updates).toEqual(['autoweave-test']);
    expect(inventory.list()[0]?.descriptor.interfaces[0]?.driver).toBe('autoweave-test');
    expect(sink.transitions).toHaveLength(1);
  });

  it('stays up without a USB tree, says so, and goes on when there is one', async () => {
    const world = new ModelWorld();
    world.failure = new AutoWeaveError('AW_USB_UNAVAILABLE', 'There is no USB tree at /sys/bus/usb/devices');
    const { inventory } = await start(world);
    expect(inventory.synced).toBe(false);
    expect(inventory.sources()).toEqual([
      { name: 'simulated', state: 'Unavailable', message: 'There is no USB tree at /sys/bus/usb/devices' },
      { name: 'simulated', state: 'Active' },
    ]);
    world.failure = undefined;
    world.plug(1, 'A1B2C3');
    await inventory.resync();
    expect(inventory.list()).toHaveLength(1);
    expect(inventory.sources()[0]).toEqual({ name: 'simulated', state: 'Active' });
  });

  it('finds what changes without edges, by hints', async () => {
    const world = new ModelWorld();
    const broken = new HintingSource();
    const { inventory, sink } = await start(world, { edgeSources: [broken] });
    world.plug(1, 'A1B2C3');
    broken.listener?.hint('something changed');
    await expect.poll(() => brief(sink.transitions)).toEqual(['attach 1-1 A1B2C3 simulated']);
    broken.listener?.failed(new Error('out of watches'));
    expect(inventory.sources()[1]).toEqual({ name: 'hinting', state: 'Failed', message: 'out of watches' });
    await expect.poll(() => inventory.sources()[1]?.state, { timeout: 5000 }).toBe('Active');
  });

  it('tells again, as a correction, what could not be recorded', async () => {
    const world = new ModelWorld();
    const { inventory, sink } = await start(world);
    sink.failure = new Error('disk full');
    world.plug(1, 'A1B2C3');
    await world.barrier();
    await inventory.resync();
    expect(inventory.list()).toEqual([]);
    sink.failure = undefined;
    await inventory.resync();
    expect(brief(sink.transitions)).toEqual(['attach 1-1 A1B2C3 simulated']);
  });

  it('tells nothing after it was stopped', async () => {
    const world = new ModelWorld();
    const { inventory, sink } = await start(world);
    world.pace = async () => new Promise((resolve) => setTimeout(resolve, 5));
    world.plug(1, 'A1B2C3');
    await inventory.stop();
    await inventory.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(sink.transitions).toEqual([]);
  });
});

class HintingSource implements UsbEdgeSource {
  readonly name = 'hinting';
  readonly edgesAs = undefined;
  listener: UsbEdgeListener | undefined;

  async start(listener: UsbEdgeListener): Promise<void> {
    this.listener = listener;
  }

  async stop(): Promise<void> {
    this.listener = undefined;
  }

  async barrier(): Promise<void> {
    // It tells no edges.
  }
}
