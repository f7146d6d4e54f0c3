import { rmSync } from 'node:fs';
import { errorCode, errorMessage } from '@autoweave/platform/errors';
import type { ScannedDevice } from '../../ports.ts';
import { NodeUsbSource } from '../node-usb-source.ts';
import { plugIntoSysfs, unplugFromSysfs, writeSysfsTree } from '../sysfs-tree.ts';

/** What the test asks of the process that lives in the mount namespace. */
export type NodeUsbRequest =
  | { readonly type: 'scan' }
  | { readonly type: 'read'; readonly sysfsName: string }
  | { readonly type: 'plug'; readonly device: ScannedDevice }
  | { readonly type: 'unplug'; readonly device: ScannedDevice }
  | { readonly type: 'dropTree' };

export interface NodeUsbReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string | undefined; readonly message: string };
}

/** /sys is an empty tmpfs here, so this writes to a tree of our own: the one that npm `usb` has built in. */
const root = '/sys';
const source = new NodeUsbSource();
const { signal } = new AbortController();

async function answer(request: NodeUsbRequest): Promise<unknown> {
  if (request.type === 'scan') {
    return (await source.scan(signal)).devices;
  }
  if (request.type === 'read') {
    return await source.read(request.sysfsName, signal);
  }
  change(request);
  return undefined;
}

function change(request: Exclude<NodeUsbRequest, { type: 'scan' | 'read' }>): void {
  switch (request.type) {
    case 'plug':
      plugIntoSysfs(root, request.device);
      break;
    case 'unplug':
      unplugFromSysfs(root, request.device);
      break;
    case 'dropTree':
      rmSync(`${root}/bus`, { recursive: true });
      break;
  }
}

writeSysfsTree(root, []);
process.on('message', (message: { readonly id: number; readonly request: NodeUsbRequest }) => {
  const reply = (rest: Omit<NodeUsbReply, 'id'>) => process.send?.({ id: message.id, ...rest });
  answer(message.request).then(
    (value) => reply({ value }),
    (error: unknown) => reply({ error: { code: errorCode(error), message: errorMessage(error) } }),
  );
});
