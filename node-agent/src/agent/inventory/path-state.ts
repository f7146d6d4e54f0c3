import type { HotplugAction } from '@autoweave/crds';
import type { ScannedDevice, UsbEdge } from '../ports.ts';

/**
 * The state machine of one device path (a port): merges what the kernel tells (edges), what a read finds and what a scan
 * finds into transitions that are told once each, in order. Pure: every function gives the next state.
 *
 * Edges wait in line; an `add` waits at its head until the device has been read, unless its `remove` waits behind it. An edge that contradicts what was told
 * (its predecessor was lost, or it is itself late) is decided by a read as well, for what is there now is the truth.
 */
export interface PathState {
  /** The device that was told to be attached here. */
  readonly occupant: Occupant | undefined;
  /** Edges not yet told, oldest first. */
  readonly pending: readonly UsbEdge[];
  /** SEQNUM of the last edge taken in: an older one is a repetition. */
  readonly lastSequence: bigint;
  /** Counts edges, so that the finding of a scan which began before an edge can be told from a later one. */
  readonly revision: number;
}

export interface Occupant {
  readonly device: ScannedDevice;
  /** It was gone before it could be read: its ids and place are all that is known. */
  readonly partial: boolean;
}

/** One plugging-in of one device: the kernel numbers anew with each. */
export type Incarnation = Pick<ScannedDevice, 'busNumber' | 'deviceAddress' | 'vendorId' | 'productId'>;

/** A transition to tell. `corrects`: no edge told it; a scan or a read did. */
export interface Told extends Occupant {
  readonly action: HotplugAction;
  readonly corrects: boolean;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface Step {
  readonly state: PathState;
  readonly told: readonly Told[];
}

export const emptyPath: PathState = {
  occupant: undefined,
  pending: [],
  lastSequence: -1n,
  revision: 0,
};

/** Takes an edge in. Repeated and overtaken edges change nothing. */
export function receiveEdge(state: PathState, edge: UsbEdge): PathState {
  if (edge.kernelSequence <= state.lastSequence) {
    return state;
  }
  const pending = [...state.pending, edge];
  return { ...state, pending, lastSequence: edge.kernelSequence, revision: state.revision + 1 };
}

/** Tells the pending edges up to the first that needs a read: that one is left at the head. */
export function advance(start: PathState): Step {
  let { occupant } = start;
  const told: Told[] = [];
  let settled = 0;
  for (const [index, edge] of start.pending.entries()) {
    const outcome = outcomeOf(edge, occupant, start.pending[index + 1]);
    if (!outcome) {
      break;
    }
    told.push(...outcome.told);
    occupant = outcome.occupant;
    settled += 1;
  }
  return { state: settled === 0 ? start : { ...start, occupant, pending: start.pending.slice(settled) }, told };
}

type Outcome = Pick<PathState, 'occupant'> & Pick<Step, 'told'>;

/** What an edge means, if that can be known without a read. */
function outcomeOf(edge: UsbEdge, occupant: Occupant | undefined, next: UsbEdge | undefined): Outcome | undefined {
  const { action, timestamp } = edge;
  if (!occupant && action === 'add') {
    return hasLeft(edge, next) ? attach({ device: unreadDevice(edge), partial: true }, timestamp) : undefined;
  }
  if (occupant && !isSameIncarnation(occupant.device, edge)) {
    return undefined;
  }
  if (!occupant || action === 'add') {
    return { occupant, told: [] };
  }
  return { occupant: undefined, told: [{ action: 'detach', ...occupant, corrects: false, timestamp }] };
}

function attach(occupant: Occupant, timestamp: number): Outcome {
  return { occupant, told: [{ action: 'attach', ...occupant, corrects: false, timestamp }] };
}

/** Decides the edge at the head by what a read found, which began after the edge was taken in. */
export function resolveHead(state: PathState, found: ScannedDevice | undefined): Step {
  const [edge, ...pending] = state.pending;
  if (!edge) {
    return { state, told: [] };
  }
  const next = { ...state, pending };
  const { occupant } = state;
  if (occupant && found && isSameIncarnation(occupant.device, found)) {
    return { state: next, told: [] };
  }
  const told: Told[] = [];
  if (occupant) {
    told.push({ action: 'detach', ...occupant, corrects: true, timestamp: edge.timestamp });
  }
  const arrived = edge.action === 'add' ? arrivalOf(edge, found) : undefined;
  if (arrived) {
    told.push({ action: 'attach', ...arrived, corrects: false, timestamp: edge.timestamp });
  }
  return { state: { ...next, occupant: arrived }, told };
}

/** Brings the state in line with what a scan or a read found. Only for a path without pending edges. */
export function correct(state: PathState, found: ScannedDevice | undefined, timestamp: number): Step {
  const { occupant } = state;
  if (occupant ? found && !occupant.partial && isSameDevice(occupant.device, found) : !found) {
    return { state, told: [] };
  }
  const told: Told[] = [];
  if (occupant) {
    told.push({ action: 'detach', ...occupant, corrects: true, timestamp });
  }
  if (found) {
    told.push({ action: 'attach', device: found, partial: false, corrects: true, timestamp });
  }
  const next = found ? { device: found, partial: false } : undefined;
  return { state: { ...state, occupant: next }, told };
}

export function isSameIncarnation(left: Incarnation, right: Incarnation): boolean {
  return (
    left.busNumber === right.busNumber &&
    left.deviceAddress === right.deviceAddress &&
    left.vendorId === right.vendorId &&
    left.productId === right.productId
  );
}

/** The serial number shows itself only later when a device is authorized by hand: then it is another device to us. */
export function isSameDevice(left: ScannedDevice, right: ScannedDevice): boolean {
  return isSameIncarnation(left, right) && left.serialNumber === right.serialNumber;
}

/** The kernel has taken a device from sysfs when it tells that it left: reading it would find nothing, or the next one. */
function hasLeft(edge: UsbEdge, next: UsbEdge | undefined): boolean {
  return next?.action === 'remove' && isSameIncarnation(edge, next);
}

function arrivalOf(edge: UsbEdge, found: ScannedDevice | undefined): Occupant {
  return found && isSameIncarnation(found, edge)
    ? { device: found, partial: false }
    : { device: unreadDevice(edge), partial: true };
}

/** All that an edge tells of its device. */
function unreadDevice(edge: UsbEdge): ScannedDevice {
  const { sysfsName, devicePath, busNumber, deviceAddress, vendorId, productId } = edge;
  return {
    sysfsName,
    devicePath,
    busNumber,
    deviceAddress,
    portPath: sysfsName.slice(sysfsName.indexOf('-') + 1),
    vendorId,
    productId,
    manufacturer: '',
    product: '',
    serialNumber: '',
    descriptor: {
      deviceClass: '00',
      deviceSubClass: '00',
      deviceProtocol: '00',
      usbVersion: '0.00',
      deviceVersion: '0.00',
      configurations: 0,
      speedMegabits: 0,
      interfaces: [],
    },
  };
}
