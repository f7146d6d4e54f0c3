import type { TreeDevice, TreeEntry } from './tree-device.ts';

export interface TreePort {
  /** From the root hub, e.g. `1.4.2`. */
  readonly port: string;
  /** Absent for a hub that is not listed, because filters leave it out. */
  readonly device?: TreeDevice;
  readonly ports: readonly TreePort[];
}

export interface TreeBus {
  /** Absent for devices whose agent does not tell where they are. */
  readonly bus?: number;
  readonly ports: readonly TreePort[];
  /** Devices that were there, at the port that they had last. */
  readonly absent: readonly AbsentDevice[];
}

export interface AbsentDevice {
  readonly port?: string;
  readonly device: TreeDevice;
}

/** The buses of one node, in order, with what hangs on them. */
export function buildBuses(entries: readonly TreeEntry[]): readonly TreeBus[] {
  const byBus = groupBy(entries, ({ bus }) => bus);
  return [...byBus]
    .toSorted(([left = Number.POSITIVE_INFINITY], [right = Number.POSITIVE_INFINITY]) => left - right)
    .map(([bus, members]) => ({
      ...(bus === undefined ? {} : { bus }),
      ports: buildPorts(members.filter(({ present }) => present)),
      absent: members
        .filter(({ present }) => !present)
        .map(absentDevice)
        .toSorted(byPort),
    }));
}

function absentDevice({ port, device }: TreeEntry): AbsentDevice {
  return { ...(port === undefined ? {} : { port }), device };
}

interface Branch {
  readonly port: string;
  readonly devices: TreeDevice[];
  readonly children: Map<string, Branch>;
}

function buildPorts(entries: readonly TreeEntry[]): readonly TreePort[] {
  const root: Branch = { port: '', devices: [], children: new Map() };
  for (const { port = '?', device } of entries) branchAt(root, port).devices.push(device);
  return portsOf(root);
}

function branchAt(root: Branch, path: string): Branch {
  let branch = root;
  const steps = path.split('.');
  for (const index of steps.keys()) {
    const port = steps.slice(0, index + 1).join('.');
    const known = branch.children.get(port);
    const next = known ?? { port, devices: [], children: new Map() };
    if (known === undefined) branch.children.set(port, next);
    branch = next;
  }
  return branch;
}

/** Two devices at one port are possible for a moment, when one was exchanged for the other. */
function portsOf({ children }: Branch): readonly TreePort[] {
  return [...children.values()].toSorted(byPort).flatMap((branch) => {
    const { port, devices } = branch;
    const ports = portsOf(branch);
    const [first, ...others] = devices;
    return [
      { port, ...(first === undefined ? {} : { device: first }), ports },
      ...others.map((device) => ({ port, device, ports: [] })),
    ];
  });
}

/** `2` before `10`. */
function byPort(left: { readonly port?: string }, right: { readonly port?: string }): number {
  return (left.port ?? '').localeCompare(right.port ?? '', 'en', { numeric: true });
}

/** As Map.groupBy, which Node 20 does not have. */
export function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
