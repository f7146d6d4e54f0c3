import { resources, type UsbDevice } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { listAll } from '../cluster/list-all.ts';
import type { Session } from '../session.ts';
import { paint } from '../terminal/colour.ts';
import { writeList } from '../terminal/documents.ts';
import { Table, type Row } from '../terminal/table.ts';
import { buildBuses, groupBy } from './build-tree.ts';
import { treeEntries, type TreeEntry } from './tree-device.ts';
import { nodeFacts, type TreeNode } from './tree-node.ts';
import { treeHeader, treeRows } from './tree-rows.ts';

export interface TreeOptions {
  /** Also devices that are away, and nodes without devices. */
  readonly all: boolean;
  /** Only these; empty: every node. */
  readonly nodes: readonly string[];
}

/**
 * Shows what hangs where. @throws AutoWeaveError AW_CONFIG_INVALID for a node that nobody knows.
 */
export async function showTree(session: Session, options: TreeOptions): Promise<void> {
  const { client, signal } = session;
  const [nodes, devices] = await Promise.all([
    listAll(client, resources.usbNode, { keep: nodeFacts, signal }),
    listAll(client, resources.usbDevice, { keep: (device: UsbDevice) => seen(device, options.all), signal }),
  ]);
  const entries = devices.items.flatMap((device) => device.entries);
  const neverSeen = options.all ? devices.items.filter(({ isNew }) => isNew).map(({ name }) => name) : [];
  const tree = selectNodes(plantTree(nodes.items, entries), options);
  await (session.format === 'table' ? writeTable(session, tree, neverSeen) : writeDocument(session, tree, neverSeen));
}

interface Seen {
  readonly name: string;
  readonly entries: readonly TreeEntry[];
  /** Somebody made the object, and no agent has seen the device. */
  readonly isNew: boolean;
}

function seen(device: UsbDevice, all: boolean): Seen {
  const isNew = (device.status?.attachments ?? []).length === 0;
  return { name: isNew ? device.metadata.name : '', entries: treeEntries(device, all), isNew };
}

function plantTree(nodes: readonly Omit<TreeNode, 'buses'>[], entries: readonly TreeEntry[]): readonly TreeNode[] {
  const byNode = groupBy(entries, ({ node }) => node);
  const known = new Set(nodes.map(({ name }) => name));
  const unknown = [...byNode.keys()].filter((name) => !known.has(name)).map((name) => ({ name }));
  return [...nodes, ...unknown]
    .map((node) => ({ ...node, buses: buildBuses(byNode.get(node.name) ?? []) }))
    .toSorted((left, right) => left.name.localeCompare(right.name, 'en', { numeric: true }));
}

function selectNodes(tree: readonly TreeNode[], { all, nodes }: TreeOptions): readonly TreeNode[] {
  if (nodes.length === 0) return all ? tree : tree.filter(({ buses, ready }) => buses.length > 0 || ready !== true);
  const missing = nodes.find((name) => !tree.some((node) => node.name === name));
  if (missing !== undefined) {
    const message = `node ${missing}: no agent has registered it, and no device is there`;
    throw new AutoWeaveError('AW_CONFIG_INVALID', message, { field: 'node', value: missing });
  }
  return tree.filter(({ name }) => nodes.includes(name));
}

async function writeTable(session: Session, tree: readonly TreeNode[], neverSeen: readonly string[]): Promise<void> {
  const { output, headers } = session;
  const rows: Row[] = tree.flatMap((node) => [...treeRows(node)]);
  if (neverSeen.length > 0) {
    rows.push(
      ['(never seen)'],
      ...neverSeen.map((name) => ['', name, '', '', '', { text: 'NeverSeen', colour: 'dim' } as const]),
    );
  }
  if (rows.length === 0) {
    output.note('No device is attached. With --all, nodes without devices and devices that are away are shown, too.');
    return;
  }
  const header = headers ? treeHeader : undefined;
  const table = new Table({ header, paint: output.colours ? paint : undefined });
  await output.writeLines(table.lines(rows));
}

async function writeDocument(session: Session, tree: readonly TreeNode[], neverSeen: readonly string[]): Promise<void> {
  const format = session.format === 'yaml' ? 'yaml' : 'json';
  const rest = neverSeen.length === 0 ? {} : { neverSeen };
  await writeList(session.output, format, { key: 'nodes', items: tree, rest });
}
