import { conditionTypes, type AutoWeavePlugin, type JobResult, type UsbDevice } from '@autoweave/crds';

const longestValue = 100;
const hooks: Readonly<Record<JobResult['type'], string>> = {
  'usb.attach': 'onAttach',
  'usb.detach': 'onDetach',
  'plugin.job': 'onJob',
  'plugin.load': 'load',
  'plugin.unload': 'unload',
};

/** One line of the live view. */
export function line(kind: string, text: string, at: Date): string {
  return `${at.toTimeString().slice(0, 8)}  ${kind.padEnd(7)} ${printable(text)}`;
}

/** What changed about where a device is; undefined when nothing did. */
export function deviceText(device: UsbDevice | undefined, previous: UsbDevice | undefined): string | undefined {
  const nodes = presentAt(device);
  const former = presentAt(previous);
  const known = device ?? previous;
  if (known === undefined || nodes.join() === former.join()) return undefined;
  return nodes.length > 0
    ? `+ ${description(known)} at ${nodes.join(' and ')}`
    : `- ${description(known)} left ${former.join(' and ')}`;
}

function description({ metadata, status }: UsbDevice): string {
  const { vendorName = '', productName = '', class: kind = 'unknown' } = status?.descriptor ?? {};
  return `${metadata.name} ${`${vendorName} ${productName}`.trim()} (${kind})`;
}

function presentAt(device: UsbDevice | undefined): readonly string[] {
  return (device?.status?.attachments ?? [])
    .filter(({ present }) => present)
    .map(({ nodeName, portPath }) => (portPath === undefined ? nodeName : `${nodeName} port ${portPath}`));
}

/** An entry of `aw:hotplug`. */
export function eventText(fields: Readonly<Record<string, string>>): string {
  const { action, vendor_id, product_id, product, source, event_id } = fields;
  return `${action} ${vendor_id}:${product_id} ${product || '(no product name)'}, seen by ${source}, ${event_id}`;
}

export function resultText(result: JobResult): string {
  const { plugin, type, deviceName, state, code, message, value, startedAt, finishedAt } = result;
  const what = `${plugin.namespace}/${plugin.name} ${hooks[type]}${deviceName === undefined ? '' : ` ${deviceName}`}`;
  const outcome = `${state} in ${finishedAt - startedAt} ms`;
  if (state === 'Failed') return `${what}: ${outcome}, ${code}: ${message}`;
  return value === undefined ? `${what}: ${outcome}` : `${what}: ${outcome}, ${shortened(JSON.stringify(value))}`;
}

/** Phase of a plugin, with the reason while it is not ready; undefined when neither changed. */
export function pluginText(
  plugin: AutoWeavePlugin | undefined,
  previous: AutoWeavePlugin | undefined,
): string | undefined {
  const now = phaseText(plugin);
  return now === phaseText(previous) ? undefined : now;
}

function phaseText(plugin: AutoWeavePlugin | undefined): string | undefined {
  if (plugin?.status?.phase === undefined) return undefined;
  const { metadata, status } = plugin;
  const ready = status.conditions?.find(({ type }) => type === conditionTypes.ready);
  const why = ready === undefined || ready.status === 'True' ? '' : `: ${ready.message}`;
  return `${metadata.namespace}/${metadata.name} is ${status.phase}${why}`;
}

/** Names come from devices: nothing in them may move the cursor, or be read as something else. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

function shortened(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`;
}
