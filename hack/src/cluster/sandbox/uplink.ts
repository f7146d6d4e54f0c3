import { access, readFile, writeFile } from 'node:fs/promises';
import { runCommand } from '../../processes/run-command.ts';
import { network, uplink } from '../network.ts';
import type { Sandbox } from './sandbox.ts';

const table = 'autoweave-cluster';
const forwarding = '/proc/sys/net/ipv4/ip_forward';

/** What the machine was like, to be restored. */
export interface UplinkState {
  readonly forwarded: boolean;
}

/**
 * Joins this machine and the sandbox: nodes, pods and services can be reached from here, and the world from there.
 * `keep` is given what `removeUplink` needs before anything of this machine is changed.
 */
export async function makeUplink(sandbox: Sandbox, keep: (state: UplinkState) => Promise<void>): Promise<void> {
  const { machineEnd, sandboxEnd } = uplink;
  const forwarded = (await readFile(forwarding, 'utf8')).trim() === '1';
  await keep({ forwarded });
  const nodes = `${network.machine}/${network.nodePrefix}`;
  await ip(`link add ${machineEnd} type veth peer name ${sandboxEnd} netns ${sandbox.identity.holder.id}`);
  await ip(`address add ${nodes} dev ${machineEnd}`);
  await ip(`link set ${machineEnd} up`);
  for (const range of [network.podRange, network.serviceRange]) {
    await ip(`route add ${range} via ${network.nodes.host}`);
  }
  await sandbox.run(words(`ip link set ${sandboxEnd} master nodes up`));
  await sandbox.run(words(`ip route add default via ${network.machine}`));
  await sandbox.run(['nft', masqueradePods()]);
  if (!forwarded) await writeFile(forwarding, '1');
  await runCommand('nft', [masqueradeNodes()]);
}

/** May be called again. */
export async function removeUplink({ forwarded }: UplinkState): Promise<void> {
  // It would end with the sandbox, but some time after.
  if (await exists(`/sys/class/net/${uplink.machineEnd}`)) await ip(`link delete ${uplink.machineEnd}`);
  if ((await runCommand('nft', ['list', 'tables'])).includes(`table ip ${table}\n`)) {
    await runCommand('nft', ['delete', 'table', 'ip', table]);
  }
  if (!forwarded) await writeFile(forwarding, '0');
}

/** Pods reach what is outside under the address of their node; this machine reaches services through a node. */
export function masqueradePods(): string {
  const { podRange, nodeRange, machine } = network;
  return `
    table ip autoweave-pods {
      chain postrouting {
        type nat hook postrouting priority srcnat;
        ip saddr ${podRange} ip daddr != { ${podRange}, ${nodeRange} } masquerade
        ip saddr ${machine} ip daddr ${podRange} masquerade
      }
    }`;
}

function masqueradeNodes(): string {
  return `
    table ip ${table} {
      chain postrouting {
        type nat hook postrouting priority srcnat;
        ip saddr ${network.nodeRange} oifname != "${uplink.machineEnd}" masquerade
      }
    }`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function ip(parameters: string): Promise<string> {
  return runCommand('ip', words(parameters));
}

const words = (text: string): string[] => text.split(' ');
