import { KubeConnectionError, KubeError } from '@autoweave/platform/kube';
import { errorCodes } from '@autoweave/crds';
import type { Session } from '../session.ts';
import { fail, ok, type Finding } from './check-result.ts';

/** ValidatingAdmissionPolicy, node names in tokens and CRD ratcheting are stable from here on. */
const oldestMinor = 34;

/** Whether there is an API server that knows the caller, and one that is new enough. Nothing else makes sense without. */
export async function checkApiServer({ client, signal }: Session): Promise<Finding> {
  const { server, origin } = client.access;
  let text: string;
  try {
    text = await client.request({ method: 'GET', path: '/version', signal });
    await client.request({ method: 'GET', path: '/api', signal });
  } catch (error) {
    if (error instanceof KubeConnectionError)
      return fail(`server ${server.href} of ${origin}: ${error.message}`, errorCodes.AW_KUBE_UNREACHABLE);
    if (error instanceof KubeError && (error.status === 401 || error.status === 403)) {
      return fail(
        `server ${server.href} refuses the credentials of ${origin}: ${error.message}`,
        'Log in again, or choose another --context.',
      );
    }
    throw error;
  }
  return judgeVersion(text, server.href);
}

export function judgeVersion(text: string, server: string): Finding {
  const { gitVersion = 'unknown', major = '', minor = '' } = parseVersion(text);
  const number = Number.parseInt(minor, 10);
  const where = `Kubernetes ${gitVersion} at ${server}`;
  if (Number(major) > 1 || (major === '1' && number >= oldestMinor)) return ok(where);
  return fail(`${where} is too old`, `Upgrade the cluster to Kubernetes 1.${oldestMinor} or newer.`);
}

interface Version {
  readonly gitVersion?: string;
  readonly major?: string;
  readonly minor?: string;
}

function parseVersion(text: string): Version {
  try {
    const version: Version | null = JSON.parse(text);
    return version ?? {};
  } catch {
    return {};
  }
}
