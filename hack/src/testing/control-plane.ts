import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../processes/free-ports.ts';
import { provideKubernetesTools, type KubernetesTools } from '../tools/index.ts';
import { apiServerProcess, writeCredentials } from './api-server.ts';
import { etcdProcess } from './etcd.ts';
import { applyManifests } from './manifests.ts';

export interface ControlPlaneOptions {
  /** Directories or files with manifests to apply; the CRDs by default. */
  readonly manifests?: readonly string[];
  /** More host names and IPv4 addresses for the server's certificate. */
  readonly certificateNames?: readonly string[];
  /** Flags for kube-apiserver, after ours. */
  readonly apiServerFlags?: readonly string[];
  /** Found, or got, when not given. */
  readonly tools?: KubernetesTools;
}

/** etcd and kube-apiserver on loopback, with data of their own below a temporary directory. */
export interface ControlPlane {
  /** Credentials of a member of system:masters. */
  readonly kubeconfigPath: string;
  readonly url: string;
  /** Without credentials, for clients of its own. */
  readonly etcdUrl: string;
  readonly adminToken: string;
  /** PEM: what a client must trust. */
  readonly certificateAuthority: string;
  /** Path of the binary. */
  readonly kubectl: string;
  /** For the logs of the servers, and files of the test. Removed on stop. */
  readonly directory: string;
  /** SIGKILL, as in a crash. etcd goes on. */
  killApiServer(): Promise<void>;
  /** On the same port, with the same data. */
  startApiServer(): Promise<void>;
  /** Ends both servers and removes the data. May be called again. */
  stop(): Promise<void>;
}

/** The loopback interface of the host as a QEMU guest with user networking sees it. */
export const hostAddressInGuest = '10.0.2.2';

const crdManifests = join(import.meta.dirname, '../../../crds/manifests');

/** @throws AutoWeaveError AW_LOCAL_SERVER_FAILED with the end of the log of the server that did not come up. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const tools = options.tools ?? (await provideKubernetesTools());
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-control-plane-'));
  const [port = 0, etcdPort = 0, peerPort = 0] = await freePorts(3);
  const url = `https://127.0.0.1:${port}`;
  const names = ['localhost', '127.0.0.1', hostAddressInGuest, ...(options.certificateNames ?? [])];
  const credentials = await writeCredentials(directory, { server: url, names });
  const etcd = etcdProcess({ command: tools.etcd, directory, clientPort: etcdPort, peerPort });
  const flags = options.apiServerFlags ?? [];
  const apiServer = apiServerProcess({ command: tools.kubeApiserver, directory, credentials, port, etcdPort, flags });
  const plane: ControlPlane = {
    ...credentials,
    url,
    etcdUrl: `http://127.0.0.1:${etcdPort}`,
    directory,
    kubectl: tools.kubectl,
    killApiServer: () => apiServer.kill(),
    startApiServer: () => apiServer.start(),
    stop: async () => {
      // SIGTERM would only delay us: the data goes anyway.
      await apiServer.kill();
      await etcd.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await etcd.start();
    await apiServer.start();
    await applyManifests(plane, options.manifests ?? [crdManifests]);
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return plane;
}
