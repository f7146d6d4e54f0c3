/** One plugging or unplugging, due at a time. */
export interface ScheduledEvent {
  /** Milliseconds since the start of the schedule. */
  readonly dueAt: number;
  readonly action: 'attach' | 'detach';
  readonly port: number;
  /** The kernel numbers anew with each attach; the detach has the number of its attach. */
  readonly address: number;
}

type UnnumberedEvent = Omit<ScheduledEvent, 'address'>;

/** USB addresses are 1 to 127; 1 is the root hub. */
const firstAddress = 2;
const addresses = 120;

/** Events at a fixed rate, in turn over the ports: one round attaches all of them, the next detaches all. */
export function churn(options: {
  readonly ports: readonly number[];
  readonly eventsPerSecond: number;
  readonly seconds: number;
}): UnnumberedEvent[] {
  const { ports, eventsPerSecond, seconds } = options;
  const rounds = 2 * Math.floor((eventsPerSecond * seconds) / ports.length / 2);
  return Array.from({ length: rounds * ports.length }, (_, index) => ({
    dueAt: (index * 1000) / eventsPerSecond,
    action: Math.floor(index / ports.length) % 2 === 0 ? 'attach' : 'detach',
    port: ports[index % ports.length] ?? 0,
  }));
}

/** Devices that stay: each port is attached for half a period and empty for the other half, the ports out of step. */
export function stays(options: {
  readonly ports: readonly number[];
  readonly periodSeconds: number;
  readonly seconds: number;
}): UnnumberedEvent[] {
  const { ports, periodSeconds, seconds } = options;
  return ports.flatMap((port, index) => {
    const offset = (index * periodSeconds) / 2 / ports.length;
    const rounds = Math.floor((seconds - offset) / periodSeconds);
    return Array.from({ length: rounds * 2 }, (_, half) => ({
      dueAt: (offset + (half * periodSeconds) / 2) * 1000,
      action: half % 2 === 0 ? ('attach' as const) : ('detach' as const),
      port,
    }));
  });
}

/** Gives out the numbers of attaches, over all schedules of a run. */
export class AddressBook {
  readonly #attaches = new Map<number, number>();

  /** In the order in which the events are due. */
  number(events: readonly UnnumberedEvent[]): ScheduledEvent[] {
    return events
      .toSorted((left, right) => left.dueAt - right.dueAt)
      .map((event) => ({ ...event, address: this.#address(event) }));
  }

  #address({ action, port }: UnnumberedEvent): number {
    const before = this.#attaches.get(port) ?? 0;
    const count = action === 'attach' ? before + 1 : before;
    this.#attaches.set(port, count);
    return firstAddress + (count % addresses);
  }
}
