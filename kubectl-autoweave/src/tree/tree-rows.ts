import { stateColours } from '../cluster/device-text.ts';
import type { Row } from '../terminal/table.ts';
import type { AbsentDevice, TreeBus, TreePort } from './build-tree.ts';
import type { TreeDevice } from './tree-device.ts';
import type { TreeNode } from './tree-node.ts';

export const treeHeader = ['PLACE', 'DEVICE', 'VID:PID', 'PRODUCT', 'CLASS', 'STATE', 'ALIAS'] as const;

/** A line for the node, and one for each bus, port and device below it. */
export function* treeRows(node: TreeNode): Generator<Row> {
  yield [{ text: node.name, colour: 'bold' }, '', '', '', '', nodeState(node)];
  const { buses } = node;
  for (const [index, bus] of buses.entries()) yield* busRows(bus, index === buses.length - 1);
}

function nodeState({ ready, reason }: TreeNode): Row[number] {
  if (ready === undefined) return { text: 'Unknown', colour: 'yellow' };
  return ready ? { text: 'Ready', colour: 'green' } : { text: `NotReady (${reason ?? 'unknown'})`, colour: 'red' };
}

function* busRows({ bus, ports, absent }: TreeBus, isLast: boolean): Generator<Row> {
  yield [`${isLast ? '└─' : '├─'} ${bus === undefined ? 'bus unknown' : `bus ${bus}`}`];
  const stem = isLast ? '   ' : '│  ';
  const leaves = [...ports, ...absent];
  for (const [index, leaf] of leaves.entries()) {
    const last = index === leaves.length - 1;
    if ('ports' in leaf) yield* portRows(leaf, stem, last);
    else yield absentRow(leaf, stem, last);
  }
}

function* portRows({ port, device, ports }: TreePort, stem: string, isLast: boolean): Generator<Row> {
  const place = `${stem}${isLast ? '└─' : '├─'} ${port}`;
  yield device === undefined ? [place, '', '', '(hub, not listed)'] : deviceRow(place, device);
  for (const [index, child] of ports.entries()) {
    yield* portRows(child, `${stem}${isLast ? '   ' : '│  '}`, index === ports.length - 1);
  }
}

function absentRow({ port = '?', device }: AbsentDevice, stem: string, isLast: boolean): Row {
  return deviceRow(`${stem}${isLast ? '└╴' : '├╴'} ${port}`, device);
}

export function deviceRow(place: string, device: TreeDevice): Row {
  const { name, id = '', product = '', class: kind = '', state, alias = '' } = device;
  return [place, name, id, product, kind, { text: state, colour: stateColours[state] }, alias];
}
