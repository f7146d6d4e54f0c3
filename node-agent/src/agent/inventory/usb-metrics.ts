import type { MetricsRegistry } from '@autoweave/platform/telemetry';
import type { UsbMetrics } from '../ports.ts';

/** Counts into the registry of the process. */
export function usbMetrics(registry: MetricsRegistry): UsbMetrics {
  const events = registry.counter({
    name: 'usb_events_total',
    help: 'Transitions of USB devices that were told, by action and by what noticed them.',
    labels: { action: ['attach', 'detach'], source: ['netlink', 'sysfs', 'node-usb', 'simulated'] },
  });
  const connected = registry.gauge({ name: 'usb_devices_connected', help: 'USB devices plugged in now.' });
  const overflows = registry.counter({
    name: 'autoweave_uevent_overflow_total',
    help: 'Times that the kernel dropped uevents because they were not read in time; each is answered with a scan.',
  });
  return {
    eventTold: (action, source) => events.increment({ action, source }),
    devicesConnected: (count) => connected.set(count),
    ueventsLost: () => overflows.increment(),
  };
}
