import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../processes/free-ports.ts';
import { runCommand } from '../processes/run-command.ts';
import { selfSignedCertificate } from '../testing/certificate.ts';
import { type RedisServer, startRedisServer } from '../testing/index.ts';
import { temporaryDirectory } from './testing/temporary-directory.ts';

const root = join(import.meta.dirname, '../../..');
const directory = temporaryDirectory();
let server: RedisServer;
let url: string;

beforeAll(async () => {
  const { certificate, privateKey } = selfSignedCertificate(['localhost']);
  await writeFile(join(directory.path, 'ca.crt'), certificate);
  await writeFile(join(directory.path, 'server.key'), privateKey, { mode: 0o600 });
  const [port = 0] = await freePorts(1);
  const file = (name: string): string => join(directory.path, name);
  const settings = [
    `tls-port ${port}`,
    `tls-cert-file ${file('ca.crt')}`,
    `tls-key-file ${file('server.key')}`,
    `tls-ca-cert-file ${file('ca.crt')}`,
    'tls-auth-clients no',
  ];
  server = await startRedisServer({ settings });
  url = `rediss://:${new URL(server.url).password}@localhost:${port}/0`;
});

afterAll(async () => {
  await server?.stop();
  directory.remove();
});

describe('a Redis with TLS and a private certificate authority', () => {
  it('is trusted by a process that is given the authority as the chart gives it', async () => {
    expect(await ping({ NODE_EXTRA_CA_CERTS: join(directory.path, 'ca.crt') })).toBe('PONG');
  });

  it('is not trusted without', async () => {
    expect(await ping({ NODE_EXTRA_CA_CERTS: '' })).toMatch(/self-signed certificate|unable to verify/);
  });
});

/** As a process of ours does it: Node reads the variable when it starts. */
async function ping(environment: NodeJS.ProcessEnv): Promise<string> {
  const script = `
    import { createRedis } from '${join(root, 'platform/src/redis/index.ts')}';
    import { createLogger } from '${join(root, 'platform/src/telemetry/index.ts')}';
    const logger = createLogger({ name: 'test', level: 'silent' });
    const redis = createRedis({ url: process.env.REDIS_URL, name: 'test', logger });
    const failed = new Promise((resolve) => redis.on('error', (error) => resolve(error.message)));
    process.stdout.write(String(await Promise.race([redis.ping(), failed])));
    process.exit();`;
  const parameters = ['--input-type=module', '--eval', script];
  return runCommand(process.execPath, parameters, { environment: { ...environment, REDIS_URL: url } });
}
