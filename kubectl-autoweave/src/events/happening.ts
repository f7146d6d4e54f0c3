import { eventAnnotations, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';
import type { EventObject } from '@autoweave/platform/kube';
import { productText } from '../cluster/device-text.ts';
import { given } from '../given.ts';

/** Something that happened to a device or a plugin, from either of the two places that tell of it. */
export interface Happening {
  /** RFC 3339 */
  readonly time: string;
  readonly type: string;
  /** CamelCase, e.g. `UsbAttached`. */
  readonly reason: string;
  readonly node?: string;
  /** Name of the UsbDevice. */
  readonly device?: string;
  /** `<namespace>/<name>` of the AutoWeavePlugin. */
  readonly plugin?: string;
  readonly message: string;
  /** How often, when more than once. */
  readonly count?: number;
  /** `Event`: a Kubernetes Event. `UsbDevice`: status.attachments of the device. */
  readonly source: 'Event' | 'UsbDevice';
  /** The same for both sources. */
  readonly hotplugEvent?: string;
}

/** What `events.k8s.io/v1` has besides, for Events of clients of the old API. */
interface DeprecatedTimes {
  readonly deprecatedLastTimestamp?: string;
}

export function fromEvent(event: EventObject & DeprecatedTimes): Happening {
  const { metadata, regarding, series, type, reason, note } = event;
  const { namespace = '', name, kind } = regarding;
  const annotations = metadata.annotations ?? {};
  return {
    time: timeOf(event),
    type,
    reason,
    message: note,
    source: 'Event',
    ...given({
      node: annotations[eventAnnotations.node],
      device: annotations[eventAnnotations.device] ?? (kind === 'UsbDevice' ? name : undefined),
      plugin: kind === 'AutoWeavePlugin' ? `${namespace}/${name}` : undefined,
      hotplugEvent: annotations[eventAnnotations.hotplugEvent],
      count: series?.count,
    }),
  };
}

function timeOf({ series, eventTime, deprecatedLastTimestamp, metadata }: EventObject & DeprecatedTimes): string {
  const times = [series?.lastObservedTime, eventTime, deprecatedLastTimestamp, metadata.creationTimestamp];
  return times.find((time) => time) ?? '';
}

/** The last change at each node. */
export function fromDevice(device: UsbDevice): readonly Happening[] {
  return (device.status?.attachments ?? []).flatMap((attachment) => flip(device, attachment));
}

function flip(device: UsbDevice, attachment: UsbDeviceAttachment): Happening | [] {
  const { nodeName, present, since, portPath, lastEventId } = attachment;
  if (since === undefined || lastEventId === undefined) return [];
  const title = productText(device) || device.metadata.name;
  const place = portPath === undefined ? '' : `, port ${portPath}`;
  return {
    time: since,
    type: !present && device.spec?.expected === true ? 'Warning' : 'Normal',
    reason: present ? 'UsbAttached' : 'UsbDetached',
    node: nodeName,
    device: device.metadata.name,
    message: `${title} was plugged ${present ? 'in at' : 'out of'} node ${nodeName}${place}`,
    source: 'UsbDevice',
    hotplugEvent: lastEventId,
  };
}
