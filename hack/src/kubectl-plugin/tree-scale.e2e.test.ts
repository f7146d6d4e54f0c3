import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupVersion } from '@autoweave/crds';
import { startControlPlane, type ControlPlane } from '@autoweave/hack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../processes/run-command.ts';
import { writeToEtcd } from './etcd-objects.ts';
import { makeRelease, type Release } from './make-release.ts';

const nodeCount = 1_000;
const devicesPerNode = 20;

describe('kubectl autoweave tree of a large cluster', () => {
  let plane: ControlPlane;
  let directory: string;
  let release: Release;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'autoweave-scale-'));
    release = await makeRelease({ directory, version: '1.2.3', releaseUrl: 'https://example.org' });
    plane = await startControlPlane();
    await writeToEtcd(
      plane.etcdUrl,
      'usbnodes',
      Array.from({ length: nodeCount }, (_, index) => usbNode(index)),
    );
    await writeToEtcd(plane.etcdUrl, 'usbdevices', devices());
  });

  afterAll(async () => {
    await plane.stop();
    await rm(directory, { recursive: true });
  });

  it.each(['table', 'json', 'yaml'])('shows every device in little memory, as %s', async (format) => {
    const environment = { KUBECONFIG: plane.kubeconfigPath };
    const parameters = ['--max-old-space-size=64', release.program, 'tree', '-o', format, '--request-timeout=120s'];
    const text = await runCommand(process.execPath, parameters, { environment });
    const names = new Set(text.match(/046d-c31c-[0-9a-f]{16}/g));
    expect(names.size).toBe(nodeCount * devicesPerNode);
    expect(new Set(text.match(/\brack-\d{4}\b/g)).size).toBe(nodeCount);
  });
});

const nodeName = (index: number): string => `rack-${String(index).padStart(4, '0')}`;
const created = { creationTimestamp: '2026-01-02T03:04:05Z', generation: 1 };

function usbNode(index: number) {
  const condition = { type: 'Ready', status: 'True', reason: 'Watching', message: 'Devices are seen and told' };
  return {
    apiVersion: groupVersion,
    kind: 'UsbNode',
    metadata: { name: nodeName(index), uid: crypto.randomUUID(), ...created },
    status: { agentVersion: '0.1.0', conditions: [{ ...condition, lastTransitionTime: created.creationTimestamp }] },
  };
}

/** Of each node a hub and what hangs on it. */
function* devices(): Generator<{ readonly metadata: { readonly name: string } }> {
  for (let node = 0; node < nodeCount; node += 1) {
    for (let number = 0; number < devicesPerNode; number += 1) {
      const signature = createHash('sha256').update(`${node}/${number}`).digest('hex').slice(0, 16);
      yield usbDevice(signature, nodeName(node), number === 0 ? '1' : `1.${number}`);
    }
  }
}

function usbDevice(signature: string, node: string, portPath: string) {
  return {
    apiVersion: groupVersion,
    kind: 'UsbDevice',
    metadata: { name: `046d-c31c-${signature}`, uid: crypto.randomUUID(), ...created },
    status: {
      identity: { vendorId: '046d', productId: 'c31c', serialNumber: signature, signature, quality: 'Serial' },
      descriptor: { id: '046d:c31c', vendorName: 'Logitech', productName: 'USB Keyboard', class: 'hid' },
      attachments: [
        {
          nodeName: node,
          present: true,
          portPath,
          sysfsName: `1-${portPath}`,
          busNumber: 1,
          since: created.creationTimestamp,
        },
      ],
    },
  };
}
