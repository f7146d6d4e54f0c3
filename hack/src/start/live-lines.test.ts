import type { AutoWeavePlugin, JobResult, UsbDevice } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { deviceText, eventText, line, pluginText, printable, resultText } from './live-lines.ts';

function device(...presentAt: string[]): UsbDevice {
  return {
    apiVersion: 'autoweave.dev/v1alpha1',
    kind: 'UsbDevice',
    metadata: { name: '046d-c31c-1' },
    status: {
      descriptor: { vendorName: 'Logitech', productName: 'Keyboard', class: 'hid' },
      attachments: ['node-1', 'node-2'].map((nodeName) => ({
        nodeName,
        present: presentAt.includes(nodeName),
        portPath: '1.4',
      })),
    },
  };
}

describe('the line of a device', () => {
  it('tells where it came, and where it left', () => {
    expect(deviceText(device('node-1'), undefined)).toBe('+ 046d-c31c-1 Logitech Keyboard (hid) at node-1 port 1.4');
    expect(deviceText(device(), device('node-1'))).toBe('- 046d-c31c-1 Logitech Keyboard (hid) left node-1 port 1.4');
    expect(deviceText(device('node-2'), device('node-1'))).toContain('+ 046d-c31c-1');
    expect(deviceText(undefined, device('node-1'))).toContain('- 046d-c31c-1');
  });

  it('is not written when nothing came or went', () => {
    expect(deviceText(device('node-1'), device('node-1'))).toBeUndefined();
    expect(deviceText(device(), undefined)).toBeUndefined();
    expect(deviceText(undefined, undefined)).toBeUndefined();
  });

  it('is written for a device that tells nothing about itself', () => {
    const { status = {}, ...rest } = device('node-1');
    const silent: UsbDevice = { ...rest, status: { attachments: status.attachments ?? [] } };
    expect(deviceText(silent, undefined)).toBe('+ 046d-c31c-1  (unknown) at node-1 port 1.4');
  });
});

describe('the line of an event', () => {
  it('tells what came or went, and who saw it', () => {
    const fields = { action: 'attach', vendor_id: '046d', product_id: 'c31c', product: 'K120', source: 'netlink' };
    expect(eventText({ ...fields, event_id: 'n/e/1' })).toBe('attach 046d:c31c K120, seen by netlink, n/e/1');
  });
});

describe('the line of a result', () => {
  const result: JobResult = {
    jobId: '1',
    type: 'usb.attach',
    plugin: { namespace: 'default', name: 'inventory' },
    node: 'node-1',
    deviceName: '046d-c31c-1',
    state: 'Succeeded',
    startedAt: 10,
    finishedAt: 22,
    traceparent: '',
  };

  it('tells what ran, how it ended and what it returned, shortened', () => {
    const text = 'default/inventory onAttach 046d-c31c-1: Succeeded in 12 ms';
    expect(resultText(result)).toBe(text);
    expect(resultText({ ...result, value: { a: 1 } })).toBe(`${text}, {"a":1}`);
    expect(resultText({ ...result, value: 'x'.repeat(500) })).toHaveLength(text.length + 103);
  });

  it('tells why it failed', () => {
    const failed: JobResult = { ...result, state: 'Failed', code: 'AW_PLUGIN_THREW', message: 'oops' };
    expect(resultText(failed)).toMatch(/Failed in 12 ms, AW_PLUGIN_THREW: oops$/);
  });
});

describe('the line of a plugin', () => {
  function plugin(status: AutoWeavePlugin['status']): AutoWeavePlugin {
    const metadata = { namespace: 'default', name: 'inventory' };
    return { apiVersion: '', kind: '', metadata, spec: { source: {} }, ...(status === undefined ? {} : { status }) };
  }
  const condition = { type: 'Ready', lastTransitionTime: '', reason: 'R', message: 'no executor' } as const;
  const loading = plugin({ phase: 'Loading', conditions: [{ ...condition, status: 'False' }] });
  const running = plugin({ phase: 'Running', conditions: [{ ...condition, status: 'True' }] });

  it('tells its phase, and why while it is not ready', () => {
    expect(pluginText(loading, undefined)).toBe('default/inventory is Loading: no executor');
    expect(pluginText(running, loading)).toBe('default/inventory is Running');
  });

  it('is not written when that did not change', () => {
    expect(pluginText(running, running)).toBeUndefined();
    expect(pluginText(plugin(undefined), undefined)).toBeUndefined();
    expect(pluginText(undefined, running)).toBeUndefined();
  });
});

describe('what a device says of itself', () => {
  it('cannot move the cursor, break the line or turn the text around', () => {
    expect(printable('a\u001B[2Jb\nc\u202Ed\u0085e')).toBe('a�[2Jb�c�d�e');
    expect(printable('Käse 鍵盤 🎹')).toBe('Käse 鍵盤 🎹');
  });

  it('stands behind the time and the kind', () => {
    expect(line('event', 'attach\u0007', new Date(2026, 10, 21, 3, 4, 5))).toBe('03:04:05  event   attach�');
  });
});
