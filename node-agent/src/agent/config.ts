import {
  choice,
  integer,
  kubeSettings,
  loadConfig,
  logSettings,
  nodeSettings,
  probeSettings,
  redisSettings,
  telemetrySettings,
  text,
  type Config,
  type Settings,
} from '@autoweave/platform/config';
import { filterList } from './filter-list.ts';

/** `kernel`: uevents and sysfs; `auto`: that where there is a kernel to ask, else npm usb. */
export const usbSourceChoices = ['auto', 'kernel', 'node-usb', 'simulated'] as const;
export type UsbSourceChoice = (typeof usbSourceChoices)[number];

/** `autoweave-node-agent/<node>` is a field manager, for which the API server takes 128 bytes. */
const longestNodeName = 107;
const nodeNamePattern = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

export const agentSettings = {
  nodeName: {
    ...nodeSettings.nodeName,
    schema: text()
      .refine((name) => nodeNamePattern.test(name), 'expected the name of a node: lowercase letters, digits, - and .')
      .refine((name) => name.length <= longestNodeName, `expected at most ${longestNodeName} characters`),
  },
  ...redisSettings,
  ...kubeSettings,
  ...logSettings,
  ...telemetrySettings,
  ...probeSettings,
  probeHost: { ...probeSettings.probeHost, default: '127.0.0.1' },
  probePort: { ...probeSettings.probePort, default: '8081' },
  usbSource: {
    description: `Where devices are seen: ${usbSourceChoices.join(', ')}.`,
    schema: choice(usbSourceChoices),
    default: 'auto',
  },
  sysfsRoot: { description: 'Where sysfs is mounted.', schema: text(), default: '/sys' },
  devRoot: { description: 'Where the device files are mounted.', schema: text(), default: '/dev' },
  rescanSeconds: {
    description: 'Between scans of the whole USB tree while the kernel tells changes.',
    schema: integer({ minimum: 1, maximum: 86_400 }),
    default: '60',
  },
  allowDevices: {
    description:
      'Devices that count when the cluster has no filters: 046d, 046d:c31c or class=03, with commas. Empty: all.',
    schema: filterList(),
    default: '',
  },
  denyDevices: {
    description: 'Devices that do not count, even when allowed, when the cluster has no filters.',
    schema: filterList(),
    default: '',
  },
  journalDirectory: {
    description: 'Directory of the journal; it must outlive the process.',
    schema: text(),
    default: '/var/lib/autoweave',
  },
  streamMaximumLength: {
    description: 'Entries after which Redis drops the oldest from the stream of events.',
    schema: integer({ minimum: 1000, maximum: 1_000_000_000 }),
    default: '1000000',
  },
  writeBurst: {
    description: 'Objects that may be written to the cluster at once after a quiet time.',
    schema: integer({ minimum: 1, maximum: 10_000 }),
    default: '50',
  },
  writesPerSecond: {
    description: 'Objects that may be written to the cluster per second after that.',
    schema: integer({ minimum: 1, maximum: 10_000 }),
    default: '1',
  },
  writeSpacingMilliseconds: {
    description: 'Between two writes of one object to the cluster.',
    schema: integer({ minimum: 0, maximum: 60_000 }),
    default: '1000',
  },
} as const satisfies Settings;

export type AgentConfig = Config<typeof agentSettings>;

/** @throws AutoWeaveError AW_CONFIG_INVALID @throws HelpRequested */
export function loadAgentConfig(given: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
}): AgentConfig {
  return loadConfig({
    name: 'autoweave-agent',
    description: 'Sees the USB devices of a node and tells Redis and Kubernetes. "autoweave-agent print" lists them.',
    settings: agentSettings,
    ...given,
  });
}
