export { Cluster } from './cluster.ts';
export { type ClusterNode } from './network.ts';
export { type ClusterOptions, startCluster } from './start-cluster.ts';
