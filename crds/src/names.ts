/** Names that more than one process must agree on. Nothing here may change without a migration. */

export const apiGroup = 'autoweave.dev';
export const apiVersion = 'v1alpha1';
export const groupVersion = `${apiGroup}/${apiVersion}`;

/** The only AutoWeavePolicy that counts (design.md, API table). */
export const defaultPolicyName = 'default';

/** Field managers of server-side apply: one per component, and one per node (at most 128 bytes). */
export const fieldManagers = {
  operator: 'autoweave-operator',
  /** Of the labels of nodes, and of nothing else. */
  nodeLabels: 'autoweave-operator-node-labels',
  nodeAgent: (nodeName: string) => `autoweave-node-agent/${nodeName}`,
} as const;

export const leaseName = 'autoweave-operator';

export const labels = {
  vendorId: `${apiGroup}/vendor-id`,
  productId: `${apiGroup}/product-id`,
  /** Of the pods of a plugin, and of what makes them: its name. */
  plugin: `${apiGroup}/plugin`,
} as const;

/** Of the Kubernetes Events that the operator writes, so that programs can select them. */
export const eventAnnotations = {
  node: `${apiGroup}/node`,
  /** Name of the UsbDevice. */
  device: `${apiGroup}/device`,
  /** Id of the hotplug event, as attachments[].lastEventId has it. */
  hotplugEvent: `${apiGroup}/hotplug-event`,
} as const;

/** Labels that the operator keeps on nodes. It touches no others. */
export const nodeLabels = {
  presencePrefix: `usb.${apiGroup}/`,
  placementPrefix: `placement.${apiGroup}/`,
  /** Some device of this vendor and product is plugged in there: `"true"`. */
  product: (vendorId: string, productId: string) => `usb.${apiGroup}/${vendorId}-${productId}`,
  /** Some device, or interface of a device, of this class is plugged in there: `"true"`. */
  deviceClass: (deviceClass: string) => `usb.${apiGroup}/class-${deviceClass}`,
  /** The pods of a plugin belong there: `"true"`. Goes only after the plugin's grace. */
  plugin: (uid: string) => `placement.${apiGroup}/${uid}`,
  /** Some plugin of the namespace belongs there that needs the namespace's runner: `"true"`. */
  runner: (namespace: string) => `placement.${apiGroup}/${namespace}`,
} as const;

/** What makes the pods of plugins, and the service accounts that those pods run under. */
export const workloadNames = {
  /** DaemonSet and service account of a namespace with plugins of runtime Thread. */
  runner: 'autoweave-runner',
  /** DaemonSet, Deployment or Job, and service account, of a plugin of runtime Pod. */
  plugin: (name: string) => `awp-${name}`,
} as const;

/** What a runner pod is given. */
export const runnerPod = {
  /** Of its token. */
  tokenAudience: 'autoweave-executor',
  tokenFile: '/var/run/secrets/autoweave/token',
  /** Between the containers `plugin` and `runner`. */
  socket: '/run/autoweave/plugin.sock',
  /** Of the container `runner`: /healthz, /readyz, and /plugin for the container beside it. */
  probePort: 8083,
} as const;

/** Redis keys. Keys that one function touches share a hash tag, so that they live in one Cluster slot. */
export const redisKeys = {
  hotplugStream: 'aw:hotplug',
  hotplugDeadLetters: 'aw:hotplug:dlq',
  hotplugSequence: (nodeName: string) => `{aw:hotplug}:seq:${nodeName}`,
  hotplugGroup: 'plugin-loader',
  resultStream: 'aw:results',
  resultDeadLetters: 'aw:results:dlq',
  resultGroup: 'operator',
  /** Kubernetes Events are made apart, so that an API server that is away holds up nothing else. */
  resultEventGroup: 'operator-events',
  /** Hash: the durable record of one job, kept for 24 h after it ended. */
  jobRecord: (jobId: string) => `{aw:results}:job:${jobId}`,
  /** Hash: counters of one plugin. */
  pluginCounters: (namespace: string, name: string) => `{aw:results}:plugin:${namespace}/${name}`,
  /** String: the canonical JSON of a verified bundle, by its digest. */
  bundle: (digest: string) => `aw:bundle:${digest}`,
  /** Hash: what a plugin stored through the SDK. */
  pluginStore: (namespace: string, name: string) => `aw:store:${namespace}/${name}`,
  /** Set of names of waiting rooms that may hold jobs. */
  waitingRooms: 'aw:rooms',
  /** Set of rooms that are about to leave `waitingRooms`; together they never lack a room that holds a job. */
  leavingRooms: '{aw:rooms}:leaving',
  /** Hash: the last attach event of every device that is present, by `<node>/<device name>`. */
  attachedDevices: 'aw:attached',
  /** Hash: event id of the attach that a plugin was told of, by `<node>/<device name>`. */
  toldDevices: (pluginUid: string) => `aw:told:${pluginUid}`,
  /** Set of node names that ever had an executor; presence itself is `executor(node)`, a key with a time to live. */
  executors: 'aw:executors',
  executor: (nodeName: string) => `aw:executor:${nodeName}`,
} as const;

/** BullMQ queues. A queue name may not contain ':'. */
export const queues = {
  /** The open door: any BullMQ client may add here. The number is the documents' priority, 10 is highest. */
  intake: { 'usb-events': 10, 'plugin-jobs': 5, 'llm-batch': 3, 'system-maintenance': 1 },
  deviceRoom: (deviceName: string) => `room-device-${deviceName}`,
  pluginRoom: (namespace: string, name: string) => `room-plugin-${namespace}.${name}`,
  /** The executor's Worker bears its instance (that of its presence key) as `name`: the router must know whose jobs died with it. */
  lane: (nodeName: string) => `lane-${nodeName}`,
} as const;

export const conditionTypes = {
  ready: 'Ready',
  reconciling: 'Reconciling',
  stalled: 'Stalled',
  /** UsbDevice: some node holds it now. */
  attached: 'Attached',
  /** UsbDevice: present on two nodes at once; no routing while True. Exists only when True. */
  conflicted: 'Conflicted',
  /** AutoWeavePlugin: manifest and digests were checked. */
  validated: 'Validated',
  /** AutoWeavePlugin: the policy lets it run. */
  permitted: 'Permitted',
  /** AutoWeavePlugin: its pods run wherever they belong. Exists only where runners are pods. */
  placed: 'Placed',
  /** AutoWeavePlugin: every live executor it belongs to has loaded it. */
  loaded: 'Loaded',
} as const;
