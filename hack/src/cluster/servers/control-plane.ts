import { request } from 'node:https';
import type { ClusterTools } from '../../tools/index.ts';
import type { AdminAccess } from '../credentials.ts';
import { configurationFile, insideDirectory } from '../layout.ts';
import { apiServerUrl, network } from '../network.ts';
import type { ClusterServer } from './server.ts';

const etcdUrl = 'http://127.0.0.1:2379';
const etcdPeerUrl = 'http://127.0.0.1:2380';

/** In the order in which they start. Nothing outside the sandbox reaches any of them but the API server. */
export function controlPlaneServers(tools: ClusterTools, admin: AdminAccess): ClusterServer[] {
  return [etcd(tools), apiServer(tools, admin), controllerManager(tools), scheduler(tools)];
}

/** Its data is thrown away, so it does not wait for the disk. */
function etcd(tools: ClusterTools): ClusterServer {
  const parameters = [
    '--name=local',
    `--data-dir=${insideDirectory}/etcd`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${etcdPeerUrl}`,
    `--initial-advertise-peer-urls=${etcdPeerUrl}`,
    `--initial-cluster=local=${etcdPeerUrl}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
  return { name: 'etcd', command: [tools.etcd, ...parameters] };
}

function apiServer(tools: ClusterTools, admin: AdminAccess): ClusterServer {
  const parameters = [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=0.0.0.0',
    `--secure-port=${network.apiServerPort}`,
    `--advertise-address=${network.nodes.host}`,
    `--tls-cert-file=${configurationFile('server.crt')}`,
    `--tls-private-key-file=${configurationFile('server.key')}`,
    `--token-auth-file=${configurationFile('tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${configurationFile('service-accounts.pub')}`,
    `--service-account-signing-key-file=${configurationFile('service-accounts.key')}`,
    `--service-cluster-ip-range=${network.serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--kubelet-client-certificate=${configurationFile('kubelet-client.crt')}`,
    `--kubelet-client-key=${configurationFile('kubelet-client.key')}`,
    // No DNS knows the names of the nodes.
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
  ];
  return {
    name: 'kube-apiserver',
    command: [tools.kubeApiserver, ...parameters],
    isReady: (signal) => answersReady(admin, signal),
  };
}

function controllerManager(tools: ClusterTools): ClusterServer {
  const parameters = [
    `--kubeconfig=${configurationFile('kube-controller-manager.kubeconfig')}`,
    `--root-ca-file=${configurationFile('server.crt')}`,
    `--service-account-private-key-file=${configurationFile('service-accounts.key')}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ];
  return { name: 'kube-controller-manager', command: [tools.kubeControllerManager, ...parameters] };
}

function scheduler(tools: ClusterTools): ClusterServer {
  const parameters = [
    `--kubeconfig=${configurationFile('kube-scheduler.kubeconfig')}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ];
  return { name: 'kube-scheduler', command: [tools.kubeScheduler, ...parameters] };
}

function answersReady({ certificateAuthority, token }: AdminAccess, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const options = { ca: certificateAuthority, headers: { authorization: `Bearer ${token}` }, agent: false, signal };
    const call = request(`${apiServerUrl}/readyz`, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('error', reject);
    call.end();
  });
}
