import { join } from 'node:path';
import { ServerProcess } from '../processes/server-process.ts';

export interface EtcdOptions {
  readonly command: string;
  readonly directory: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/** A single etcd, not yet started. Its data is thrown away, so it does not wait for the disk. */
export function etcdProcess({ command, directory, clientPort, peerPort }: EtcdOptions): ServerProcess {
  const clientUrl = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  return new ServerProcess({
    command,
    directory,
    logFile: join(directory, 'etcd.log'),
    parameters: [
      '--name=local',
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=${clientUrl}`,
      `--advertise-client-urls=${clientUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=local=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    isReady: async (signal) => (await fetch(`${clientUrl}/health`, { signal })).ok,
  });
}
