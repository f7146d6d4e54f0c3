import { errorCodes } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import { KubeClient, KubeError } from '@autoweave/platform/kube';
import { kinds, type Pod } from '../cluster/kinds.ts';
import { podSelector } from '../cluster/pod-selector.ts';
import { fail, ok, someOf, warn, type Check, type Finding } from './check-result.ts';

const defaultPort = 8080;
/** A NetworkPolicy that keeps the API server out lets it wait for half a minute. */
const timeoutMilliseconds = 5_000;

/** What the operators say about Redis, asked through the API server: this plugin has no access to Redis. */
export const redisCheck: Check = {
  name: 'Redis',
  run: async ({ session, installation }) => {
    const { operator } = installation;
    if (operator === undefined) return [];
    const { client, signal } = session;
    const request = { namespace: operator.metadata.namespace, labelSelector: podSelector(operator) };
    const pods = (await client.list<Pod>(kinds.pod, request, signal)).items;
    const running = pods.filter(({ status }) => status?.phase === 'Running');
    if (running.length === 0) return [warn('No operator runs that could be asked', 'See the operator above.')];
    const impatient = new KubeClient(client.access, { requestTimeoutMilliseconds: timeoutMilliseconds });
    try {
      const findings = await Promise.all(running.map((pod) => askOperator(impatient, pod, signal)));
      return distinct(findings.flat());
    } finally {
      impatient.close();
    }
  },
};

async function askOperator(client: KubeClient, pod: Pod, signal: AbortSignal): Promise<readonly Finding[]> {
  const { name, namespace = '' } = pod.metadata;
  const base = `/api/v1/namespaces/${namespace}/pods/${name}:${probePort(pod)}/proxy`;
  try {
    const metrics = await client.request({ method: 'GET', path: `${base}/metrics`, signal });
    const unready = await notReady(client, `${base}/readyz`, signal);
    return [...judgeReadiness(name, unready), ...judgeMetrics(metrics)];
  } catch (error) {
    const isForbidden = error instanceof KubeError && error.status === 403;
    const remedy = isForbidden
      ? 'Ask for get of pods/proxy in that namespace.'
      : `Look for AW_REDIS in kubectl logs -n ${namespace} ${name}; a NetworkPolicy may keep the API server out.`;
    return [warn(`Operator ${name} could not be asked: ${errorMessage(error)}`, remedy)];
  }
}

function probePort({ spec }: Pod): number {
  const ports = (spec.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === 'probes')?.containerPort ?? defaultPort;
}

/** The text of a readiness that is refused; undefined when it is ready. */
async function notReady(client: KubeClient, path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await client.request({ method: 'GET', path, signal });
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && error.status === 503) return error.message;
    throw error;
  }
}

function judgeReadiness(name: string, unready: string | undefined): readonly Finding[] {
  const reason = /\[-\](redis[\w-]*) failed: ([^[]*)/.exec(unready ?? '');
  if (reason === null) return [];
  return [
    fail(
      `Operator ${name}: ${reason[1] ?? 'redis'} is not ready: ${reason[2]?.trim() ?? ''}`,
      errorCodes.AW_REDIS_UNREACHABLE,
    ),
  ];
}

export function judgeMetrics(metrics: string): readonly Finding[] {
  const settings = [...metrics.matchAll(/^autoweave_redis_unsafe_settings\{setting="([^"]+)"\} (\d+)$/gm)];
  const unsafe = settings.flatMap(([, setting = '', value]) => (value === '0' ? [] : [setting]));
  if (settings.length === 0)
    return [warn('The operator does not say yet how Redis is set', 'Ask again when it has reached Redis.')];
  if (unsafe.length === 0) return [ok('Redis is reached, evicts nothing and writes to disk')];
  return [fail(`Redis can lose events and jobs: ${someOf(unsafe)}`, errorCodes.AW_REDIS_UNSAFE)];
}

/** Every replica says the same of one Redis. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}
