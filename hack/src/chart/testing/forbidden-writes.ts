import { fieldManagers } from '@autoweave/crds';
import {
  condition,
  descriptor,
  deviceName as name,
  entry,
  labels,
  node,
  otherNode as other,
  statusOf,
} from './device-objects.ts';

export interface ForbiddenWrite {
  readonly what: string;
  /** Plural, and subresource. */
  readonly resource: string;
  readonly object: object;
  /** Field manager; that of the agent itself when not given. */
  readonly manager?: string;
}

/** What the agent of `node` may not apply. */
export const forbiddenWrites: readonly ForbiddenWrite[] = [
  { what: 'a spec for a device', resource: 'usbdevices', object: { metadata: { name }, spec: { expected: true } } },
  { what: 'another label', resource: 'usbdevices', object: { metadata: { name, labels: { ...labels, zone: 'a' } } } },
  {
    what: 'a label that the name of the device belies',
    resource: 'usbdevices',
    object: { metadata: { name: '0001-0002-0123456789abcdef', labels } },
  },
  { what: 'an annotation', resource: 'usbdevices', object: { metadata: { name, labels, annotations: { a: 'b' } } } },
  {
    what: 'a finalizer',
    resource: 'usbdevices',
    object: { metadata: { name, labels, finalizers: ['example.com/a'] } },
  },
  {
    what: 'an owner',
    resource: 'usbdevices',
    object: { metadata: { name, labels, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: 'a' }] } },
  },
  {
    what: 'a new device with a spec',
    resource: 'usbdevices',
    object: { metadata: { name: '046d-c31c-fedcba9876543210' }, spec: { blocked: true } },
  },
  { what: 'the entry of another node', resource: 'usbdevices/status', object: statusOf(other, { present: false }) },
  {
    what: 'the entry of another node, in its name',
    resource: 'usbdevices/status',
    object: statusOf(other, { present: false }),
    manager: fieldManagers.nodeAgent(other),
  },
  {
    what: 'that another node has no entry',
    resource: 'usbdevices/status',
    object: { metadata: { name }, status: {} },
    manager: fieldManagers.nodeAgent(other),
  },
  {
    what: 'its own entry beside one of a node that does not exist',
    resource: 'usbdevices/status',
    object: { metadata: { name }, status: { attachments: [entry(node), entry('node-c')] } },
  },
  {
    what: 'a condition of a device',
    resource: 'usbdevices/status',
    object: { metadata: { name }, status: { conditions: [condition()] } },
  },
  {
    what: 'what was reported of a device',
    resource: 'usbdevices/status',
    object: { metadata: { name }, status: { reportedEventIds: ['a'] } },
  },
  {
    what: 'what another node holds',
    resource: 'usbdevices/status',
    object: { metadata: { name }, status: { descriptor: descriptor('Other') } },
  },
  { what: 'the UsbNode of another node', resource: 'usbnodes', object: { metadata: { name: other } } },
  { what: 'a UsbNode of no node', resource: 'usbnodes', object: { metadata: { name: 'node-c' } } },
  {
    what: 'the status of another node',
    resource: 'usbnodes/status',
    object: { metadata: { name: other }, status: { devicesPresent: 9 } },
  },
  { what: 'its own spec', resource: 'usbnodes', object: { metadata: { name: node }, spec: { resyncToken: 'a' } } },
  { what: 'a label of its UsbNode', resource: 'usbnodes', object: { metadata: { name: node, labels: { zone: 'a' } } } },
  {
    what: 'a label of its node',
    resource: 'nodes',
    object: { metadata: { name: node, labels: { 'usb.autoweave.dev/a': 'true' } } },
  },
  {
    what: 'a plugin',
    resource: 'autoweaveplugins',
    object: { metadata: { name: 'a', namespace: 'autoweave-plugins' }, spec: { source: { files: {} } } },
  },
  { what: 'the policy', resource: 'autoweavepolicies', object: { metadata: { name: 'default' }, spec: {} } },
];
