import type { ClusterTools } from '../../tools/index.ts';
import { configurationFile } from '../layout.ts';
import { network } from '../network.ts';
import { answersOk, type ClusterServer } from './server.ts';

const readyPort = 8181;

/** CoreDNS, beside the pods. The Service `kube-dns` leads to it. */
export function dnsServer(tools: ClusterTools): ClusterServer {
  return {
    name: 'coredns',
    command: [tools.coredns, `-conf=${configurationFile('Corefile')}`],
    isReady: (signal) => answersOk(`http://${network.nodes.host}:${readyPort}/ready`, signal),
  };
}

/** Names outside the cluster are asked of `upstreams`, when there are any. */
export function dnsConfiguration(upstreams: readonly string[]): string {
  const forward = upstreams.length === 0 ? '' : `    forward . ${upstreams.join(' ')}\n`;
  return `.:53 {
    bind ${network.nodes.host}
    errors
    ready ${network.nodes.host}:${readyPort}
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig ${configurationFile('coredns.kubeconfig')}
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
${forward}    cache 30
    loadbalance
}
`;
}

/** The name servers in a text as /etc/resolv.conf has it that can be asked from another network namespace. */
export function upstreamServers(resolverConfiguration: string): string[] {
  const servers = [...resolverConfiguration.matchAll(/^nameserver\s+(\S+)/gm)].map(([, server = '']) => server);
  return servers.filter((server) => !server.startsWith('127.') && server !== '::1');
}
