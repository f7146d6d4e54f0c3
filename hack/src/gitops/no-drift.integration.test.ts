import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resources, type AutoWeavePlugin, type UsbDevice } from '@autoweave/crds';
import { findCondition } from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { HelmClient, type KubernetesManifest } from '../chart/testing/helm-client.ts';
import { ProductWorld } from '../observability/product-world.ts';
import { CommandError } from '../processes/run-command.ts';
import { runKubectl } from '../testing/index.ts';
import { applicationValues } from './delivery-manifests.ts';
import { pluginObjects } from './plugin-objects.ts';

const patience = { timeout: 90_000, interval: 200 };
/** As Argo CD applies with ServerSideApply=true. */
const asArgocd = ['--server-side', '--field-manager=argocd-controller', '--force-conflicts'] as const;
const plugin = { namespace: 'autoweave-plugins', name: 'device-inventory' };
const rounds = 5;
let world: ProductWorld;
let files: readonly string[];
let deviceName: string;

beforeAll(async () => {
  world = await ProductWorld.start({ nodeName: 'desk-1' });
  const [device] = await vi.waitUntil(async () => nonEmpty(await devices()), patience);
  deviceName = device?.metadata.name ?? '';
  files = [
    await written('chart', await renderedChart()),
    await written('declared', await pluginObjects(plugin.namespace, deviceName)),
  ];
  for (const file of files) await runKubectl(world.plane, ['apply', ...asArgocd, '--filename', file]);
}, 180_000);
afterAll(() => world.stop());

/** Without hooks, which are not compared: they come and go with each sync. */
async function renderedChart(): Promise<readonly KubernetesManifest[]> {
  const helm = await HelmClient.open(3);
  try {
    const manifests = await helm.template(applicationValues());
    return manifests.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined);
  } finally {
    helm.close();
  }
}

async function written(name: string, objects: readonly object[]): Promise<string> {
  const file = join(world.plane.directory, `${name}.yaml`);
  await writeFile(file, objects.map((object) => stringify(object)).join('---\n'));
  return file;
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

async function devices(): Promise<readonly UsbDevice[]> {
  return (await world.client.list<UsbDevice>(resources.usbDevice)).items;
}

/** Changes with every device that comes or goes. */
async function whereDevicesAre(): Promise<string> {
  return JSON.stringify((await devices()).map(({ status }) => status?.attachments));
}

/** What Argo CD would show as out of sync; empty when nothing is. */
async function difference(): Promise<string> {
  try {
    return await runKubectl(world.plane, ['diff', ...asArgocd, ...files.flatMap((file) => ['--filename', file])]);
  } catch (error) {
    if (error instanceof CommandError) return error.output;
    throw error;
  }
}

describe('what Argo CD applied', () => {
  it('works', async () => {
    const ready = async (): Promise<string | undefined> => {
      const { status } = (await world.client.get<AutoWeavePlugin>(resources.autoWeavePlugin, plugin)) ?? {};
      return findCondition(status?.conditions ?? [], 'Ready')?.status;
    };
    await expect.poll(ready, patience).toBe('True');
  }, 120_000);

  it('stays in sync while devices come and go', async () => {
    expect(await difference()).toBe('');
    for (let round = 0; round < rounds; round += 1) {
      const before = await whereDevicesAre();
      await expect.poll(whereDevicesAre, patience).not.toBe(before);
      expect(await difference()).toBe('');
    }
  }, 180_000);

  it('is out of sync when somebody changes it', async () => {
    const change = { metadata: { name: deviceName }, spec: { alias: 'somebody-elses' } };
    await world.client.apply<UsbDevice>(resources.usbDevice, change, { fieldManager: 'somebody', force: true });
    const found = await difference();
    expect(found).toContain('-  alias: somebody-elses');
    expect(found).toContain('+  alias: device-of-the-lab');
  });
});
