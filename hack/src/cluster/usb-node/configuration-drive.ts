import { access, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../processes/run-command.ts';
import { type ClusterLayout, insideDirectory } from '../layout.ts';
import { network } from '../network.ts';
import { masqueradePods } from '../sandbox/uplink.ts';
import { nodeFiles } from '../servers/node-files.ts';

const init = join(import.meta.dirname, 'init.sh');
/** Written once for all nodes. */
const sharedFiles = ['kubelet-client.crt', 'kubelet-usb.kubeconfig', 'kube-proxy.kubeconfig', 'resolv.conf'];

/** An ext4 image with the init and the configuration of the USB node in one cluster: made once, as a guest may use it. */
export async function configurationDrive(layout: ClusterLayout, mke2fs: string): Promise<string> {
  const image = join(layout.directory, 'usb-node.ext4');
  if (await exists(image)) return image;
  const tree = await mkdtemp(join(layout.directory, 'usb-node-'));
  const files: Record<string, string> = { settings: settings(), 'masquerade.nft': masqueradePods() };
  for (const [name, content] of Object.entries(usbNodeFiles())) files[`configuration/${name}`] = content;
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, name)), { recursive: true });
    await writeFile(join(tree, name), content);
  }
  for (const name of sharedFiles) await cp(join(layout.configuration, name), join(tree, 'configuration', name));
  await cp(join(layout.directory, 'kubelet/seccomp'), join(tree, 'seccomp'), { recursive: true });
  await cp(init, join(tree, 'init.sh'));
  const partial = `${image}.partial`;
  await runCommand(mke2fs, ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', tree, partial, '16M']);
  await rename(partial, image);
  await rm(tree, { recursive: true });
  return image;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function usbNodeFiles(): Record<string, string> {
  const configuration = `${insideDirectory}/configuration`;
  const paths = { configuration, networkPlugins: '/node/bin', runc: '/node/bin/runc' };
  return nodeFiles({ node: 'usb', cgroupRoot: '/', paths });
}

/** Variables of the init. */
function settings(): string {
  const { nodes, nodePrefix, podRanges, machine } = network;
  const variables = {
    NODE_NAME: 'usb',
    NODE_ADDRESS: `${nodes.usb}/${nodePrefix}`,
    OTHER_NODE: nodes.host,
    OTHER_PODS: podRanges.host,
    MACHINE_ADDRESS: machine,
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
