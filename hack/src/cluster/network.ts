/** Both run a kubelet: `host` is this machine, `usb` a guest with USB controllers. They are the names of the nodes, too. */
export const nodeNames = ['host', 'usb'] as const;
export type ClusterNode = (typeof nodeNames)[number];

/**
 * Who has which address: one Ethernet segment of the nodes and this machine, and behind each node its pods. The ranges
 * are seldom used by others; routes to them exist on this machine only while the cluster is up.
 */
export const network = {
  /** Of this machine, on the link `uplink.machineEnd`. */
  machine: '10.231.0.254',
  nodes: { host: '10.231.0.1', usb: '10.231.0.2' },
  nodeRange: '10.231.0.0/24',
  nodePrefix: 24,
  podRange: '10.232.0.0/16',
  podRanges: { host: '10.232.0.0/24', usb: '10.232.1.0/24' },
  serviceRange: '10.233.0.0/16',
  /** The Service `kubernetes`: the first of the range. */
  apiService: '10.233.0.1',
  dnsService: '10.233.0.10',
  apiServerPort: 6443,
} as const;

/** A pair of virtual network interfaces: one here, one in the sandbox. */
export const uplink = { machineEnd: 'autoweave0', sandboxEnd: 'uplink' } as const;

export const apiServerUrl = `https://${network.nodes.host}:${network.apiServerPort}`;
