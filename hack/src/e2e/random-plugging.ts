import { type DeskDevice, isBehind, type Place, placeKey } from './usb-place.ts';

export interface PlugOperation {
  readonly action: 'plug' | 'unplug';
  readonly device: DeskDevice;
  readonly place: Place;
}

export interface RandomPlugging {
  readonly devices: readonly DeskDevice[];
  /** Ports of host controllers. */
  readonly places: readonly Place[];
  /** Ports of each hub that are used. */
  readonly hubPorts: number;
  readonly operations: number;
  /** Operations that may be under way at once. */
  readonly width: number;
  readonly random: () => number;
}

/**
 * Operations that physics allows, in rounds. Those of one round touch different ports and devices, so that they may
 * happen in any order: the random numbers alone decide what is planned.
 */
export function planPlugging({ operations, width, ...options }: RandomPlugging): PlugOperation[][] {
  const plugged = new Map<DeskDevice, Place>();
  const rounds: PlugOperation[][] = [];
  for (let left = operations; left > 0;) {
    const round = planRound({ ...options, width: Math.min(width, left) }, plugged);
    for (const operation of round) carryOut(operation, plugged);
    left -= round.length;
    rounds.push(round);
  }
  return rounds;
}

type RoundOptions = Omit<RandomPlugging, 'operations'>;

function planRound(options: RoundOptions, plugged: ReadonlyMap<DeskDevice, Place>): PlugOperation[] {
  const { devices, width, random } = options;
  const round: PlugOperation[] = [];
  while (round.length < width) {
    const possible = devices.flatMap((device) => operationsOf(device, options, plugged).filter(goesWith(round)));
    // A device first, then a port of it: else what is not plugged in would nearly always be chosen.
    const device = oneOf([...new Set(possible.map((operation) => operation.device))], random);
    const operation = oneOf(
      possible.filter((other) => other.device === device),
      random,
    );
    if (operation === undefined) break;
    round.push(operation);
  }
  return round;
}

function operationsOf(
  device: DeskDevice,
  { places, hubPorts }: RoundOptions,
  plugged: ReadonlyMap<DeskDevice, Place>,
): PlugOperation[] {
  const here = plugged.get(device);
  if (here !== undefined) return [{ action: 'unplug', device, place: here }];
  const behindHubs = [...plugged]
    .filter(([other]) => isHub(other) && !isHub(device))
    .flatMap(([, { controller, port }]) =>
      Array.from({ length: hubPorts }, (_none, index) => ({ controller, port: `${port}.${index + 1}` })),
    );
  const taken = new Set([...plugged.values()].map(placeKey));
  const free = [...places, ...behindHubs].filter((place) => !taken.has(placeKey(place)));
  return free.map((place) => ({ action: 'plug', device, place }));
}

function goesWith(round: readonly PlugOperation[]): (operation: PlugOperation) => boolean {
  return ({ device, place }) =>
    round.every(
      (other) =>
        other.device !== device &&
        placeKey(other.place) !== placeKey(place) &&
        !isBehind(place, other.place) &&
        !isBehind(other.place, place),
    );
}

function carryOut({ action, device, place }: PlugOperation, plugged: Map<DeskDevice, Place>): void {
  if (action === 'plug') {
    plugged.set(device, place);
    return;
  }
  for (const [other, itsPlace] of plugged) {
    if (other === device || isBehind(itsPlace, place)) plugged.delete(other);
  }
}

const isHub = ({ driver }: DeskDevice): boolean => driver === 'usb-hub';

function oneOf<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}
