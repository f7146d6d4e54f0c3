import { prepareGuestSystem } from '../../guest/prepare-guest.ts';
import type { NodeTools, ToolContext } from '../../tools/index.ts';
import type { ClusterLayout } from '../layout.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { ClusterServer } from '../servers/server.ts';
import { configurationDrive } from './configuration-drive.ts';
import { nodeDrive } from './node-drive.ts';
import { makeUsbNodeLink, usbNodeServer } from './usb-node-server.ts';

export interface PrepareUsbNodeOptions {
  readonly context: ToolContext;
  readonly tools: NodeTools;
  readonly sandbox: Sandbox;
  readonly layout: ClusterLayout;
  /** Paths of image archives. */
  readonly archives: readonly string[];
}

/** Makes what the guest boots from and is joined to; the server is not yet started. */
export async function prepareUsbNode(options: PrepareUsbNodeOptions): Promise<ClusterServer> {
  const { context, sandbox, layout } = options;
  const guest = await prepareGuestSystem(context);
  const node = await nodeDrive({ ...options, mke2fs: guest.tools.mke2fs });
  const configuration = await configurationDrive(layout, guest.tools.mke2fs);
  await makeUsbNodeLink(sandbox);
  return usbNodeServer({ ...guest, sandbox, layout, drives: { configuration, node } });
}
