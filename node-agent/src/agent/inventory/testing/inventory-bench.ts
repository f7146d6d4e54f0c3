import { createLogger } from '@autoweave/platform/telemetry';
import type { HotplugEvent } from '@autoweave/crds';
import type { DistrustedSerials, EventSink, KnownDevice, Transition, UsbMetrics } from '../../ports.ts';
import { Inventory, type InventoryOptions } from '../inventory.ts';
import type { ModelWorld } from './model-world.ts';

/** Keeps what was told, as a journal does. */
export class MemorySink implements EventSink {
  readonly transitions: Transition[] = [];
  /** Throws this instead of recording. */
  failure: Error | undefined;

  record(transition: Transition): HotplugEvent {
    if (this.failure) {
      throw this.failure;
    }
    this.transitions.push(transition);
    const { device, ...rest } = transition;
    const sequence = this.transitions.length;
    const position = { schema: '1', eventId: `n/e/${sequence}`, node: 'n', epoch: 'e', sequence } as const;
    const identity = { deviceName: device.name, deviceSignature: device.signature, interfaceClasses: [] };
    return { ...position, ...rest, ...device, ...identity };
  }

  /** What an inventory that starts now is given. */
  get recorded(): KnownDevice[] {
    const devices = new Map<string, KnownDevice>();
    for (const { action, device } of this.transitions) {
      if (action === 'attach') {
        devices.set(device.sysfsName, device);
      } else {
        devices.delete(device.sysfsName);
      }
    }
    return [...devices.values()];
  }
}

export class MemoryMetrics implements UsbMetrics {
  readonly told: string[] = [];
  connected = 0;
  losses = 0;

  eventTold(action: string, source: string): void {
    this.told.push(`${action} ${source}`);
  }

  devicesConnected(count: number): void {
    this.connected = count;
  }

  ueventsLost(): void {
    this.losses += 1;
  }
}

export class MemoryDistrust extends Set<string> implements DistrustedSerials {}

export interface InventoryBench {
  readonly inventory: Inventory;
  readonly sink: MemorySink;
  readonly metrics: MemoryMetrics;
  readonly distrusted: MemoryDistrust;
}

/** An inventory of the model world, and everything around it. Scans by itself only when something asks for one. */
export function inventoryOf(world: ModelWorld, overrides: Partial<InventoryOptions> = {}): InventoryBench {
  const sink = new MemorySink();
  const metrics = new MemoryMetrics();
  const distrusted = new MemoryDistrust();
  const options: InventoryOptions = {
    nodeName: 'node-1',
    bootId: 'boot-1',
    source: world,
    edgeSources: [world],
    recorded: [],
    sink,
    metrics,
    distrusted,
    filters: { allow: [], deny: [] },
    clock: { now: () => Date.now() },
    logger: createLogger({ name: 'test', level: 'silent' }),
    timing: { slowScan: 3_600_000, fastScan: 3_600_000, settle: 0, hint: 1, change: 1, retry: 1 },
    ...overrides,
  };
  return { inventory: new Inventory(options), sink, metrics, distrusted };
}

/** One line for each: what, where, who, told by what. */
export function brief(transitions: readonly Transition[]): string[] {
  return transitions.map(({ action, device, source, partial }) =>
    [action, device.sysfsName, device.serialNumber, source, ...(partial ? ['partial'] : [])].join(' '),
  );
}
