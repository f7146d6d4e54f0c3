import type { Guest, GuestCommand } from '../guest/index.ts';
import { pollUntil } from './poll-until.ts';

export interface GuestNodeOptions {
  readonly guest: Guest;
  readonly nodeName: string;
  /** As the guest reaches it. */
  readonly redisUrl: string;
  /** Content of the file, with the address of the server as the guest reaches it. */
  readonly kubeconfig: string;
}

/** The agent and the executor of one node, in a guest. They end with it. */
export interface GuestNode {
  /** What both wrote, for people who look for the reason of a failure. */
  logs(): string;
}

const kubeconfigPath = '/run/kubeconfig';
const ports = { agent: 8081, executor: 8082 } as const;
const readyTimeoutMilliseconds = 180_000;

/** Resolves when both are ready. @throws Error with the end of the log of the one that is not. */
export async function startGuestNode({ guest, nodeName, redisUrl, kubeconfig }: GuestNodeOptions): Promise<GuestNode> {
  await guest.writeFile(kubeconfigPath, kubeconfig);
  const start = (program: keyof typeof ports, settings: Record<string, string>): GuestCommand =>
    guest.start(['node', `node-agent/src/${program}/main.ts`], {
      environment: {
        NODE_NAME: nodeName,
        REDIS_URL: redisUrl,
        KUBECONFIG: kubeconfigPath,
        AW_PROBE_HOST: '0.0.0.0',
        AW_PROBE_PORT: String(ports[program]),
        ...settings,
      },
    });
  const agent = start('agent', { AW_USB_SOURCE: 'kernel', AW_JOURNAL_DIRECTORY: '/var/lib/autoweave' });
  const executor = start('executor', { AW_RUNNER_ENTRY: '/autoweave/plugins/runner/src/main.ts' });
  await Promise.all([untilReady(guest, ports.agent, agent), untilReady(guest, ports.executor, executor)]);
  return { logs: () => [agent, executor].map(logOf).join('\n') };
}

async function untilReady(guest: Guest, guestPort: number, command: GuestCommand): Promise<void> {
  const url = `http://127.0.0.1:${await guest.forward(guestPort)}/readyz`;
  await pollUntil({
    what: `Readiness at port ${guestPort} of the guest`,
    look: async () => ({ isReady: await answersOk(url), log: logOf(command).slice(-2_000) }),
    isRight: ({ isReady }) => isReady,
    timeoutMilliseconds: readyTimeoutMilliseconds,
  });
}

function answersOk(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function logOf({ output }: GuestCommand): string {
  return output.stdout + output.stderr;
}
