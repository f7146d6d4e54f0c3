import { resources, type UsbDevice } from '@autoweave/crds';
import { listKubeconfigContexts, type KubeObject, type Resource } from '@autoweave/platform/kube';
import type { GlobalOptions } from '../command-line/global-options.ts';
import { openSession, type Surroundings } from '../command-line/open-session.ts';
import { productText } from '../cluster/device-text.ts';
import { kinds } from '../cluster/kinds.ts';
import { listAll } from '../cluster/list-all.ts';

export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** Nobody waits longer for a completion. */
const requestTimeout = '3s';

/** What the cluster or the kubeconfig has to choose from; `options` are those on the command line so far. */
export async function findCandidates(
  subject: string,
  options: Partial<GlobalOptions>,
  surroundings: Surroundings,
): Promise<readonly Candidate[]> {
  if (subject === 'context') return listContexts(options, surroundings);
  if (subject === 'namespace') return listNames(kinds.namespace, options, surroundings);
  if (subject === 'node') return listNames(resources.usbNode, options, surroundings);
  return subject === 'device' ? listDevices(options, surroundings) : [];
}

async function listContexts(
  { kubeconfig }: Partial<GlobalOptions>,
  { env }: Surroundings,
): Promise<readonly Candidate[]> {
  const names = await listKubeconfigContexts({ kubeconfigPath: kubeconfig, env });
  return names.map((value) => ({ value }));
}

async function listNames(
  resource: Resource,
  options: Partial<GlobalOptions>,
  surroundings: Surroundings,
): Promise<readonly Candidate[]> {
  return listWith(resource, { keep: nameOf, options, surroundings });
}

function nameOf({ metadata }: KubeObject): Candidate {
  return { value: metadata.name };
}

async function listDevices(options: Partial<GlobalOptions>, surroundings: Surroundings): Promise<readonly Candidate[]> {
  return (await listWith(resources.usbDevice, { keep: namesOfDevice, options, surroundings })).flat();
}

/** An alias with other characters would have to be quoted, each shell in its way. */
function namesOfDevice(device: UsbDevice): readonly Candidate[] {
  const { alias } = device.spec ?? {};
  const named = { value: device.metadata.name, description: productText(device) };
  return alias !== undefined && /^[\w.-]+$/.test(alias) ? [named, { value: alias, description: named.value }] : [named];
}

interface Lookup<T, Kept> {
  readonly keep: (object: T) => Kept;
  readonly options: Partial<GlobalOptions>;
  readonly surroundings: Surroundings;
}

async function listWith<T extends KubeObject, Kept>(
  resource: Resource,
  { keep, options, surroundings }: Lookup<T, Kept>,
): Promise<readonly Kept[]> {
  const session = await openSession({ output: 'table', headers: true, ...options, requestTimeout }, surroundings);
  try {
    return (await listAll(session.client, resource, { keep, signal: surroundings.signal })).items;
  } finally {
    session.client.close();
  }
}
