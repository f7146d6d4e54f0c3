import type { AutoWeavePluginSpec, UsbDevice } from '@autoweave/crds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concerns, matchedDevice } from '../../device-match.ts';
import { testRunnerPods } from '../../workloads/testing/test-runner-pods.ts';
import { samplePlugin } from '../plugin/testing/sample-plugin.ts';
import { DeviceLabels } from './device-labels.ts';
import { placementRule } from './placement-rules.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const vendors = ['046d', '0781', '05ac'];
const classes = ['03', '08'];

function device(vendorId: string, interfaceClasses: readonly string[]): UsbDevice {
  return {
    apiVersion: '',
    kind: 'UsbDevice',
    metadata: { name: `${vendorId}-0001-0123456789abcdef` },
    status: {
      identity: { vendorId, productId: '0001', signature: '0123456789abcdef', quality: 'Serial' },
      descriptor: { id: `${vendorId}:0001`, class: 'hid', deviceClass: '00', interfaceClasses },
    },
  };
}

function plugin(triggers: AutoWeavePluginSpec['triggers'], uid = 'u', vendorIds?: readonly string[]) {
  const usb = [{ operation: 'monitor' as const, ...(vendorIds === undefined ? {} : { vendorIds }) }];
  const bundle = { name: 'p', version: '1.0.0', digest };
  const sample = samplePlugin({ runtime: 'Pod', triggers: triggers ?? [] }, { bundle, permissions: { usb } });
  return { ...sample, metadata: { ...sample.metadata, uid } };
}

function labelled(...plugins: readonly ReturnType<typeof plugin>[]): DeviceLabels {
  const labels = new DeviceLabels();
  labels.replaceRules(plugins.flatMap((found) => placementRule(found, testRunnerPods()) ?? []));
  return labels;
}

describe('the labels that a device stands for', () => {
  it('are product, classes, and the plugins that it concerns', () => {
    const labels = labelled(plugin([{ actions: ['detach'], match: { vendorIds: ['046d'] } }]));
    const shown = ['usb.autoweave.dev/046d-0001', 'usb.autoweave.dev/class-03'];
    expect(labels.of(device('046d', ['03']))).toEqual([...shown, 'placement.autoweave.dev/u']);
    expect(labels.of(device('0781', ['03']))).not.toContain('placement.autoweave.dev/u');
    expect(labels.of({ ...device('046d', []), status: {} })).toEqual([]);
  });

  it('change with the plugins', () => {
    const labels = labelled();
    const keyboard = device('046d', ['03']);
    expect(labels.of(keyboard)).toHaveLength(2);
    labels.replaceRules([plugin([])].flatMap((found) => placementRule(found, testRunnerPods()) ?? []));
    expect(labels.of(keyboard)).toHaveLength(3);
  });

  it('are those of every plugin that names the device, by whatever', () => {
    const list = (values: readonly string[]) =>
      fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
    const trigger = fc
      .record({ vendorIds: list(vendors), deviceClasses: list(classes) })
      .map(({ deviceClasses, vendorIds }) => ({
        actions: ['attach' as const],
        match: {
          ...(vendorIds === undefined ? {} : { vendorIds }),
          ...(deviceClasses === undefined ? {} : { deviceClasses }),
        },
      }));
    const plugins = fc.array(fc.tuple(fc.array(trigger, { maxLength: 3 }), list(vendors)), { maxLength: 6 });
    const devices = fc.tuple(fc.constantFrom(...vendors), fc.subarray(classes));
    fc.assert(
      fc.property(plugins, devices, (specs, [vendorId, interfaceClasses]) => {
        const all = specs.map(([triggers, permitted], index) => plugin(triggers, `u${index}`, permitted));
        const found = device(vendorId, interfaceClasses);
        const described = matchedDevice(found);
        const expected = all.filter((each) => described !== undefined && concerns(each, described));
        const placements = labelled(...all)
          .of(found)
          .filter((label) => label.startsWith('placement.'));
        expect(placements.toSorted()).toEqual(
          expected.map(({ metadata }) => `placement.autoweave.dev/${metadata.uid}`).toSorted(),
        );
      }),
    );
  });
});
