import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defaultPolicyName,
  groupVersion,
  type AutoWeavePlugin,
  type AutoWeavePolicy,
  type UsbDevice,
} from '@autoweave/crds';
import { parse } from 'yaml';

const example = join(import.meta.dirname, '../../../plugins/device-inventory/autoweaveplugin.yaml');

/** What a repository of a user holds: the policy, a plugin, and what people say of one device. */
export async function pluginObjects(namespace: string, deviceName: string): Promise<readonly object[]> {
  const plugin = parse(await readFile(example, 'utf8')) as AutoWeavePlugin;
  const policy: AutoWeavePolicy = {
    apiVersion: groupVersion,
    kind: 'AutoWeavePolicy',
    metadata: { name: defaultPolicyName },
    spec: { plugins: { allowUnsigned: [{ namespace }] } },
  };
  const device: UsbDevice = {
    apiVersion: groupVersion,
    kind: 'UsbDevice',
    metadata: { name: deviceName },
    spec: { alias: 'device-of-the-lab', expected: true },
  };
  return [policy, { ...plugin, metadata: { ...plugin.metadata, namespace } }, device];
}
