import recorded from '../../../testdata/recorded-devices.json' with { type: 'json' };
import written from '../../../testdata/written-devices.json' with { type: 'json' };
import type { ScannedDevice } from '../ports.ts';

/**
 * Sample devices in the form of a scan; hubs stand before what is behind them.
 *
 * First, on buses 1 and 2, products that people have: a keyboard, a mouse, a stick, a hub with four devices behind it,
 * and others. Written down from what is public about them, not captured: versions and drivers are plausible, not proof.
 *
 * Then, on buses 3 and 4, what a real kernel showed of the devices that QEMU emulates, two with one serial number among
 * them: recorded by hack/src/guest/record-devices.ts.
 */
export const recordedDevices: readonly ScannedDevice[] = [...written, ...recorded];
