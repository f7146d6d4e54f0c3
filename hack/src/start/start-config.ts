import { hostname } from 'node:os';
import {
  choice,
  loadConfigOrExit,
  logSettings,
  optionalText,
  text,
  toggle,
  type Config,
  type Settings,
} from '@autoweave/platform/config';

export const usbSourceChoices = ['auto', 'kernel', 'node-usb', 'simulated'] as const;
export type UsbSourceChoice = (typeof usbSourceChoices)[number];

export const startSettings = {
  usbSource: {
    description: `Where devices come from: ${usbSourceChoices.join(', ')}. auto: the kernel, or simulated without a USB tree.`,
    schema: choice(usbSourceChoices),
    default: 'auto',
  },
  redisUrl: {
    description: 'A Redis of yours (7.0 or newer) to use instead of a throw-away one.',
    schema: optionalText(),
    env: 'REDIS_URL',
  },
  nodeName: {
    description: 'Name that this machine has in the cluster.',
    schema: text().refine((name) => /^[a-z0-9]([-a-z0-9.]{0,105}[a-z0-9])?$/.test(name), 'expected the name of a node'),
    env: 'NODE_NAME',
    default: nodeNameOf(hostname()),
  },
  once: {
    description: 'End after the first result of the plugin: exit code 0 when it succeeded.',
    schema: toggle(),
    default: 'false',
    switch: true,
  },
  ...logSettings,
} as const satisfies Settings;

export type StartConfig = Config<typeof startSettings>;

export function startConfigOrExit(): StartConfig {
  const description =
    'Starts a Kubernetes API server, Redis and AutoWeave on this machine, and shows what happens. Ctrl-C ends it all.';
  return loadConfigOrExit({ name: 'npm start --', description, settings: startSettings });
}

/** Host names may have capitals and underscores, node names may not. */
export function nodeNameOf(host: string): string {
  const name = host.toLowerCase().replaceAll(/[^-a-z0-9.]/g, '-');
  return name.slice(0, 63).replaceAll(/^[-.]+|[-.]+$/g, '') || 'localhost';
}
