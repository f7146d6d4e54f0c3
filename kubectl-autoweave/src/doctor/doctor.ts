import { errorMessage } from '@autoweave/platform/errors';
import { KubeError } from '@autoweave/platform/kube';
import type { Session } from '../session.ts';
import { agentlessNodesCheck } from './agentless-nodes-check.ts';
import { checkApiServer } from './api-check.ts';
import { callerCheck } from './caller-check.ts';
import {
  warn,
  type Check,
  type CheckResult,
  type CheckStatus,
  type DoctorWorld,
  type Finding,
} from './check-result.ts';
import { findInstallation } from './installation.ts';
import { kindsCheck } from './kinds-check.ts';
import { leaseCheck } from './lease-check.ts';
import { pluginsCheck } from './plugins-check.ts';
import { policiesCheck } from './policies-check.ts';
import { printReport } from './print-report.ts';
import { redisCheck } from './redis-check.ts';
import { serviceAccountsCheck } from './service-accounts-check.ts';
import { usbNodesCheck } from './usb-nodes-check.ts';
import { versionsCheck } from './versions-check.ts';
import { workloadsCheck } from './workloads-check.ts';

/** In the order of the report. They need the kinds of ours. */
const checks: readonly Check[] = [
  callerCheck,
  workloadsCheck,
  leaseCheck,
  versionsCheck,
  redisCheck,
  usbNodesCheck,
  agentlessNodesCheck,
  serviceAccountsCheck,
  policiesCheck,
  pluginsCheck,
];

const exitCodes = { OK: 0, WARN: 1, FAIL: 2 } as const satisfies Record<CheckStatus, number>;

/** Looks at everything and reports. @returns the exit code: 0 all is well, 1 warnings, 2 something fails. */
export async function examine(session: Session): Promise<number> {
  const results = await runChecks(session);
  await printReport(session, results);
  return Math.max(...results.map(({ status }) => exitCodes[status]));
}

async function runChecks(session: Session): Promise<readonly CheckResult[]> {
  const api = [{ check: 'API server', ...(await checkApiServer(session)) }];
  if (api.some(({ status }) => status === 'FAIL')) return api;
  const world: DoctorWorld = { session, installation: await findInstallation(session) };
  const kinds = await run(kindsCheck, world);
  if (kinds.some(({ status }) => status === 'FAIL')) return [...api, ...kinds];
  const others = await Promise.all(checks.map((check) => run(check, world)));
  return [...api, ...kinds, ...others.flat()];
}

async function run(check: Check, world: DoctorWorld): Promise<readonly CheckResult[]> {
  try {
    return (await check.run(world)).map((finding) => ({ check: check.name, ...finding }));
  } catch (error) {
    if (world.session.signal.aborted) throw error;
    return [{ check: check.name, ...uncheckable(error) }];
  }
}

function uncheckable(error: unknown): Finding {
  const isForbidden = error instanceof KubeError && error.status === 403;
  const remedy = isForbidden ? 'Ask for the ClusterRole of docs/kubectl.md.' : 'Try again; see the message.';
  return warn(`Could not be checked: ${errorMessage(error)}`, remedy);
}
