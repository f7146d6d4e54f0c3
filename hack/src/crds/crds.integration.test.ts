import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  KubeClient,
  loadClusterAccess,
  type Resource,
  resourcePath,
  type UntypedObject,
} from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { fieldManagers, resources, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';

const samples = join(import.meta.dirname, '../../../crds/samples');
const customResourceDefinition: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const configMap: Resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
const kinds = new Map<string, Resource>([...Object.values(resources), configMap].map((kind) => [kind.kind, kind]));

let client: KubeClient;

beforeAll(async () => {
  client = new KubeClient(await loadClusterAccess({ kubeconfigPath: inject('kubeconfigPath') }));
});

afterAll(() => {
  client.close();
});

describe('the API server', () => {
  it.each(Object.values(resources))('serves $kind with a structural schema', async (resource) => {
    const name = `${resource.plural}.${resource.group}`;
    const definition = await client.get<CustomResourceDefinition>(customResourceDefinition, { name });
    const statuses = definition?.status?.conditions.map(({ type, status }) => [type, status]);

    expect(Object.fromEntries(statuses ?? [])).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
    expect(statuses?.map(([type]) => type)).not.toContain('NonStructuralSchema');
    expect(definition?.spec.names.categories).toEqual(['autoweave']);
  });

  it.each(sampleNames('good'))('accepts %s', async (name) => {
    for (const object of sampleObjects(join('good', name))) expect(await rejection(object)).toBeUndefined();
  });

  it.each(sampleNames('bad'))('rejects %s with field and remedy', async (name) => {
    const file = join(samples, 'bad', name);
    const fragments = [...readFileSync(file, 'utf8').matchAll(/^# expect: (.*)$/gm)].map(
      ([, fragment = '']) => fragment,
    );
    const [object] = sampleObjects(join('bad', name));
    const message = object === undefined ? undefined : await rejection(object);

    expect(fragments.length).toBeGreaterThan(0);
    for (const fragment of fragments) expect(message).toContain(fragment);
  });

  it('accepts the largest source that is allowed, and not one character more', async () => {
    const plugin = (size: number): UntypedObject => ({
      apiVersion: 'autoweave.dev/v1alpha1',
      kind: 'AutoWeavePlugin',
      metadata: { name: 'large', namespace: 'default' },
      spec: { source: { files: { 'autoweave.plugin.json': '{}', a: 'ä'.repeat(262_144), b: 'b'.repeat(size) } } },
    });

    expect(await rejection(plugin(262_142))).toBeUndefined();
    expect(await rejection(plugin(262_143))).toContain('keep the files of a plugin below 512 KiB together');
    expect(await rejection(plugin(262_145))).toContain('spec.source.files.b: Too long: may not be more than 262144');
  });

  it('fills in what a plugin leaves out', async () => {
    const plugin = sampleObjects('good/autoweaveplugin-inline.yaml')[0];
    if (plugin === undefined) throw new Error('The sample is empty');
    expect(await dryRunCreate(plugin)).toMatchObject({
      spec: { runtime: 'Thread', securityLevel: 'Medium', resources: { timeoutSeconds: 30 } },
    });
  });
});

describe('a UsbDevice', () => {
  it('keeps the entries of two agents that apply only their own', async () => {
    const device = await observedDevice({ node: 'node-a', attachment: { present: true } });
    await observe(device, { node: 'node-b', attachment: { present: true } });
    await observe(device, { node: 'node-a', attachment: { present: false } });

    const attachments = (await stored(device)).status?.attachments ?? [];
    expect(attachments.map(({ nodeName, present }) => [nodeName, present])).toEqual([
      ['node-a', false],
      ['node-b', true],
    ]);
  });

  it('never becomes another device', async () => {
    const device = await observedDevice({ node: 'node-a', attachment: { present: true } });
    const { identity } = device;

    for (const other of [
      { ...identity, vendorId: 'ffff' },
      { ...identity, signature: 'f'.repeat(16) },
    ]) {
      const message = await observe({ ...device, identity: other }, { node: 'node-a' }).catch(String);
      expect(message).toContain('status.identity is immutable, since metadata.name is its');
      expect(message).toContain('another device needs a UsbDevice of its own');
    }
    const renumbered = { ...device, identity: { ...identity, serialNumber: 'other' } };
    expect(await observe(renumbered, { node: 'node-a' }).catch(String)).toContain(
      'status.identity.serialNumber is immutable while quality is Serial',
    );
  });

  it('may learn that its serial number cannot be trusted', async () => {
    const device = await observedDevice({ node: 'node-a' });
    const distrusted = { ...device, identity: { ...device.identity, quality: 'Ambiguous' as const } };
    await observe(distrusted, { node: 'node-a' });

    expect((await stored(device)).status?.identity?.quality).toBe('Ambiguous');
  });

  it('is printed with the node that holds it', async () => {
    const device = await observedDevice({ node: 'node-a', attachment: { present: false, portPath: '9' } });
    const here = { present: true, portPath: '1.4', drivers: ['usbhid', 'snd-usb-audio'] };
    await observe(device, { node: 'node-b', attachment: here });
    await client.apply<UsbDevice>(
      resources.usbDevice,
      { metadata: { name: device.name }, spec: { alias: 'front-desk' } },
      { fieldManager: 'somebody' },
    );
    const lastTransitionTime = '2026-11-21T00:00:00Z';
    const attached = { type: 'Attached', status: 'True' as const, reason: 'Attached', message: '', lastTransitionTime };
    await client.apply<UsbDevice>(
      resources.usbDevice,
      { metadata: { name: device.name }, status: { conditions: [attached] } },
      { fieldManager: fieldManagers.operator, subresource: 'status' },
    );

    expect(await printed(resources.usbDevice, device.name)).toEqual({
      Name: device.name,
      Node: 'node-b',
      Vendor: 'Logitech, Inc.',
      Product: 'Keyboard K120',
      Serial: 'A"@ é',
      Class: 'hid',
      Attached: 'True',
      Age: expect.stringMatching(/^\d+s$/),
      Alias: 'front-desk',
      'VID:PID': '046d:c31c',
      Port: '1.4',
      Speed: 1.5,
      Driver: 'usbhid',
      Signature: device.identity.signature,
      Identity: 'Serial',
    });
  });
});

interface CustomResourceDefinition extends UntypedObject {
  readonly spec: { readonly names: { readonly categories: readonly string[] } };
  readonly status?: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

type Identity = NonNullable<NonNullable<UsbDevice['status']>['identity']>;

interface SampleDevice {
  readonly name: string;
  readonly identity: Identity;
}

interface Observation {
  readonly node: string;
  readonly attachment?: Omit<UsbDeviceAttachment, 'nodeName'>;
}

/** A device of its own for each test, as an agent makes it. */
async function observedDevice(observation: Observation): Promise<SampleDevice> {
  const signature = randomBytes(8).toString('hex');
  const identity: Identity = {
    vendorId: '046d',
    productId: 'c31c',
    serialNumber: 'A"@ é',
    signature,
    quality: 'Serial',
  };
  const device = { name: `046d-c31c-${signature}`, identity };
  onTestFinished(async () => void (await client.delete(resources.usbDevice, { name: device.name })));
  await client.create<UsbDevice>(resources.usbDevice, { metadata: { name: device.name } });
  await observe(device, observation);
  return device;
}

async function observe(device: SampleDevice, { node, attachment }: Observation): Promise<void> {
  const descriptor = {
    id: '046d:c31c',
    vendorName: 'Logitech, Inc.',
    productName: 'Keyboard K120',
    class: 'hid',
    deviceClass: '00',
    interfaceClasses: ['03'],
    speedMegabits: 1.5,
  };
  const attachments = attachment === undefined ? [] : [{ ...attachment, nodeName: node }];
  await client.apply<UsbDevice>(
    resources.usbDevice,
    { metadata: { name: device.name }, status: { identity: device.identity, descriptor, attachments } },
    { fieldManager: fieldManagers.nodeAgent(node), subresource: 'status', force: true },
  );
}

async function stored(device: SampleDevice): Promise<UsbDevice> {
  const object = await client.get<UsbDevice>(resources.usbDevice, { name: device.name });
  if (object === undefined) throw new Error(`${device.name} is gone`);
  return object;
}

function sampleNames(folder: 'good' | 'bad'): string[] {
  return readdirSync(join(samples, folder));
}

function sampleObjects(path: string): UntypedObject[] {
  return parseAllDocuments(readFileSync(join(samples, path), 'utf8')).map((document) => {
    const object: UntypedObject = document.toJS();
    return object;
  });
}

/** What the API server says against an object; undefined when it would take it. Nothing is stored. */
async function rejection(object: UntypedObject): Promise<string | undefined> {
  return dryRunCreate(object).then(() => undefined, String);
}

async function dryRunCreate(object: UntypedObject): Promise<unknown> {
  const resource = kinds.get(object.kind);
  if (resource === undefined) throw new Error(`${object.kind} is not expected in a sample`);
  const path = resourcePath(resource, { namespace: object.metadata.namespace });
  const query = { dryRun: 'All', fieldValidation: 'Strict' };
  return JSON.parse(await client.request({ method: 'POST', path, query, body: JSON.stringify(object) }));
}

/** Cells by column, as kubectl gets them. */
async function printed(resource: Resource, name: string): Promise<Record<string, unknown>> {
  const { access } = client;
  const Accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const tableClient = new KubeClient({ ...access, headers: { ...access.headers, Accept } });
  onTestFinished(() => tableClient.close());
  const table: Table = JSON.parse(await tableClient.request({ method: 'GET', path: resourcePath(resource, { name }) }));
  return Object.fromEntries(table.columnDefinitions.map((column, index) => [column.name, table.rows[0]?.cells[index]]));
}

interface Table {
  readonly columnDefinitions: readonly { readonly name: string }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}
