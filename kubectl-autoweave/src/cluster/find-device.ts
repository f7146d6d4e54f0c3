import { resources, type UsbDevice } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { KubeClient } from '@autoweave/platform/kube';
import { listAll } from './list-all.ts';

const shownCandidates = 5;

/**
 * The device that a word means: its name, its alias, or the only one whose name or alias begins so.
 *
 * @throws AutoWeaveError AW_DEVICE_UNKNOWN, AW_DEVICE_AMBIGUOUS
 */
export async function findDevice(client: KubeClient, word: string, signal: AbortSignal): Promise<UsbDevice> {
  const named = isObjectName(word)
    ? await client.get<UsbDevice>(resources.usbDevice, { name: word }, signal)
    : undefined;
  if (named !== undefined) return named;
  const { items } = await listAll(client, resources.usbDevice, { keep: candidateOf, signal });
  const name = chooseDevice(word, items);
  const device = await client.get<UsbDevice>(resources.usbDevice, { name }, signal);
  if (device === undefined) throw unknownDevice(word);
  return device;
}

export interface Candidate {
  readonly name: string;
  readonly alias: string | undefined;
}

function candidateOf({ metadata, spec }: UsbDevice): Candidate {
  return { name: metadata.name, alias: spec?.alias };
}

/** An alias counts before the beginning of a name. */
export function chooseDevice(word: string, candidates: readonly Candidate[]): string {
  const aliased = candidates.filter(({ alias }) => alias === word);
  const begun = candidates.filter(({ name, alias }) => name.startsWith(word) || alias?.startsWith(word));
  const found = aliased.length > 0 ? aliased : begun;
  const [first, second] = found;
  if (first === undefined || word === '') throw unknownDevice(word);
  if (second !== undefined) throw ambiguousDevice(word, found);
  return first.name;
}

function unknownDevice(word: string): AutoWeaveError {
  const message = `device "${word}": there is no UsbDevice of that name or alias, and none begins so`;
  return new AutoWeaveError('AW_DEVICE_UNKNOWN', message, { field: 'device', value: word });
}

function ambiguousDevice(word: string, found: readonly Candidate[]): AutoWeaveError {
  const shown = found
    .slice(0, shownCandidates)
    .map(({ name, alias }) => (alias === undefined ? name : `${name} (${alias})`));
  const more = found.length - shown.length;
  const message = `device "${word}": ${found.length} UsbDevices are meant: ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
  return new AutoWeaveError('AW_DEVICE_AMBIGUOUS', message, { field: 'device', value: word });
}

/** Anything else cannot be in a path of the API. */
function isObjectName(word: string): boolean {
  return /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(word);
}
