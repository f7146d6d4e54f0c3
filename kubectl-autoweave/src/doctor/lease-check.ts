import { setTimeout as delay } from 'node:timers/promises';
import { leaseName } from '@autoweave/crds';
import type { Lease } from '@autoweave/platform/kube';
import { kinds } from '../cluster/kinds.ts';
import type { Session } from '../session.ts';
import { fail, ok, type Check, type DoctorWorld, type Finding } from './check-result.ts';

const defaultLeaseSeconds = 15;
const pollMilliseconds = 1_000;

/** Whether some replica of the operator leads. */
export const leaseCheck: Check = {
  name: 'leader',
  run: async (world) => [await judge(world)],
};

async function judge({ session, installation }: DoctorWorld): Promise<Finding> {
  const place = `Lease ${installation.systemNamespace}/${leaseName}`;
  const first = await read(session, installation.systemNamespace);
  if (first === undefined) {
    return fail(
      `${place} does not exist: no operator ever led`,
      'Start the operator, or name its namespace with --namespace.',
    );
  }
  const holder = first.spec?.holderIdentity;
  if (!holder) return fail(`${place} is held by nobody`, 'See the logs of the operator: no replica can lead.');
  if (await isRenewed(session, first)) return ok(`${place} is held by ${holder}`);
  const remedy = 'See the logs of the operator: its leader is gone, and no other replica can take over.';
  return fail(`${place} was last renewed at ${first.spec?.renewTime ?? 'an unknown time'} by ${holder}`, remedy);
}

function read({ client, signal }: Session, namespace: string): Promise<Lease | undefined> {
  return client.get<Lease>(kinds.lease, { name: leaseName, namespace }, signal);
}

/** The times in a Lease are those of another clock, so one that looks old is watched for as long as it is good. */
async function isRenewed(session: Session, lease: Lease): Promise<boolean> {
  const { leaseDurationSeconds = defaultLeaseSeconds, renewTime = '' } = lease.spec ?? {};
  const age = session.now() - Date.parse(renewTime);
  if (age < leaseDurationSeconds * 1_000) return true;
  for (let waited = 0; waited < leaseDurationSeconds * 1_000; waited += pollMilliseconds) {
    await delay(pollMilliseconds, undefined, { signal: session.signal });
    const now = await read(session, lease.metadata.namespace ?? '');
    if (now?.spec?.renewTime !== renewTime) return true;
  }
  return false;
}
