import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedisServer } from '../../testing/index.ts';
import type { KubernetesManifest } from './helm-client.ts';

export interface ChartRedis {
  readonly server: RedisServer;
  /** What a process of the chart gets as REDIS_URL, with the address of this server. */
  url(user: RedisUser): string;
  /** Of somebody who may do everything, whom the chart does not have. */
  readonly adminUrl: string;
  stop(): Promise<void>;
}

export type RedisUser = keyof typeof secretOf;

/** Settings that say where things are, which is elsewhere here. */
const ofPlace = /^(port|dir|aclfile) /;

/** A real Redis with the configuration and the users that the chart gives to its own. */
export async function startChartRedis(manifests: readonly KubernetesManifest[]): Promise<ChartRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'autoweave-chart-redis-'));
  const users = join(directory, 'users.acl');
  const admin = 'user test-admin on >test-admin ~* &* +@all\n';
  writeFileSync(users, secretText(manifests, 'autoweave-redis', 'users.acl') + admin);
  const configuration = manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'autoweave-redis',
  );
  const text = (configuration?.['data'] as Readonly<Record<string, string>> | undefined)?.['redis.conf'] ?? '';
  const settings = text.split('\n').filter((line) => !ofPlace.test(line));
  const server = await startRedisServer({ settings: [...settings, `aclfile ${users}`], login: 'probe any' });
  return {
    server,
    url: (user) => {
      const [secret, key] = secretOf[user];
      const url = new URL(secretText(manifests, secret, key));
      url.host = `127.0.0.1:${server.port}`;
      return url.href;
    },
    adminUrl: `redis://test-admin:test-admin@127.0.0.1:${server.port}`,
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

const secretOf = {
  operator: ['autoweave-operator-redis', 'redis-url'],
  agent: ['autoweave-node-agent-redis', 'agent-redis-url'],
  executor: ['autoweave-node-agent-redis', 'executor-redis-url'],
  intake: ['autoweave-intake', 'redis-url'],
} as const;

function secretText(manifests: readonly KubernetesManifest[], name: string, key: string): string {
  const secret = manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name);
  const data = secret?.['data'] as Readonly<Record<string, string>> | undefined;
  return Buffer.from(data?.[key] ?? '', 'base64').toString();
}
