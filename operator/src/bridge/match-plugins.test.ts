import type { AutoWeavePlugin, AutoWeavePluginMatch, AutoWeavePluginTrigger } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { testEvent } from '../router/testing/sample-jobs.ts';
import { matchPlugins } from './match-plugins.ts';

interface Sample {
  readonly triggers?: readonly AutoWeavePluginTrigger[];
  readonly suspend?: boolean;
  readonly status?: AutoWeavePlugin['status'];
  readonly deletionTimestamp?: string;
}

const permitted = {
  bundle: { name: 'p', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
  permissions: { usb: [{ operation: 'monitor' }] },
} as const;

function plugin(sample: Sample): AutoWeavePlugin {
  const { triggers = [{ actions: ['attach'] }], suspend = false, status = permitted, deletionTimestamp } = sample;
  return {
    apiVersion: 'autoweave.dev/v1alpha1',
    kind: 'AutoWeavePlugin',
    metadata: {
      name: 'p',
      namespace: 'default',
      uid: 'u',
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { source: {}, triggers, suspend },
    status,
  };
}

function isMatched(sample: Sample, event = testEvent()): boolean {
  return matchPlugins(event, [plugin(sample)]).length === 1;
}

function isMatchedBy(match: AutoWeavePluginMatch): boolean {
  return isMatched({ triggers: [{ actions: ['attach'], match }] });
}

describe('an event', () => {
  it('is for a plugin that has a trigger for its action', () => {
    expect(isMatched({})).toBe(true);
    expect(isMatched({}, testEvent({ action: 'detach' }))).toBe(false);
    expect(isMatched({ triggers: [] })).toBe(false);
  });

  it('must be in every list that the trigger gives', () => {
    expect(isMatchedBy({ vendorIds: ['046d'], productIds: ['c31c'], serialNumbers: ['S1'] })).toBe(true);
    expect(isMatchedBy({ vendorIds: ['046d'], productIds: ['ffff'] })).toBe(false);
    expect(isMatchedBy({ serialNumbers: ['S2'] })).toBe(false);
    expect(isMatchedBy({ deviceNames: ['046d-c31c-0011223344556677'] })).toBe(true);
    expect(isMatchedBy({ deviceNames: ['046d-c31c-ffffffffffffffff'] })).toBe(false);
  });

  it('needs only one of several triggers', () => {
    const other = { actions: ['attach'], match: { vendorIds: ['ffff'] } } as const;
    expect(isMatched({ triggers: [other, { actions: ['attach'] }] })).toBe(true);
  });

  it('has the class of its device and those of its interfaces', () => {
    expect(isMatchedBy({ deviceClasses: ['03'] })).toBe(true);
    expect(isMatchedBy({ deviceClasses: ['08'] })).toBe(false);
    const descriptor = { deviceClass: '09', deviceSubClass: '00', deviceProtocol: '01', usbVersion: '2.00' };
    const rest = { deviceVersion: '1.00', configurations: 1, speedMegabits: 480, interfaces: [] };
    const hub = testEvent({ interfaceClasses: [], deviceDescriptor: { ...descriptor, ...rest } });
    expect(isMatched({ triggers: [{ actions: ['attach'], match: { deviceClasses: ['09'] } }] }, hub)).toBe(true);
  });

  it('reaches nobody whose permissions do not cover the device', () => {
    const withUsb = (usb: NonNullable<NonNullable<AutoWeavePlugin['status']>['permissions']>['usb']) =>
      isMatched({ status: { ...permitted, permissions: usb === undefined ? {} : { usb } } });
    expect(withUsb(undefined)).toBe(false);
    expect(withUsb([])).toBe(false);
    expect(withUsb([{ operation: 'monitor', vendorIds: ['05ac'] }])).toBe(false);
    expect(withUsb([{ operation: 'monitor', deviceClasses: ['08'] }])).toBe(false);
    expect(withUsb([{ operation: 'monitor', vendorIds: ['046d'], deviceClasses: ['03'] }])).toBe(true);
  });

  it('reaches nobody who may not run', () => {
    expect(isMatched({ suspend: true })).toBe(false);
    expect(isMatched({ deletionTimestamp: '2026-01-01T00:00:00Z' })).toBe(false);
    expect(isMatched({ status: { bundle: permitted.bundle } })).toBe(false);
    expect(isMatched({ status: {} })).toBe(false);
  });
});
