import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClusterTools } from '../tools/index.ts';
import { type AdminAccess, writeCredentials } from './credentials.ts';
import type { ClusterLayout } from './layout.ts';
import { dnsConfiguration, upstreamServers } from './servers/dns.ts';
import { kwokConfiguration } from './servers/kwok.ts';
import { hostNodeFiles } from './servers/node-servers.ts';

/** The second is what systemd-resolved, which listens on loopback only, asks. */
const resolverFiles = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];
/** AF_UNIX only; a kubelet looks for it by the path below its folder `seccomp`. */
const pluginProfile = join(import.meta.dirname, '../../../docs/seccomp/autoweave-plugin.json');

/** Writes all files that the servers read, once, before they start. */
export async function writeConfiguration(layout: ClusterLayout, tools: ClusterTools): Promise<AdminAccess> {
  const upstreams = await findUpstreamServers();
  const admin = await writeCredentials(layout);
  const files: Record<string, string> = {
    ...hostNodeFiles(tools),
    'kwok.yaml': kwokConfiguration(),
    Corefile: dnsConfiguration(upstreams),
    'resolv.conf': upstreams.map((server) => `nameserver ${server}\n`).join(''),
  };
  for (const [name, content] of Object.entries(files)) await writeBelow(layout.configuration, name, content);
  await writeBelow(layout.directory, 'kubelet/seccomp/autoweave/plugin.json', await readFile(pluginProfile, 'utf8'));
  return admin;
}

async function writeBelow(directory: string, name: string, content: string): Promise<void> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

async function findUpstreamServers(): Promise<string[]> {
  for (const file of resolverFiles) {
    const servers = upstreamServers(await readFile(file, 'utf8').catch(() => ''));
    if (servers.length > 0) return servers;
  }
  return [];
}
