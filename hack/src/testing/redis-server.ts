import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../processes/free-ports.ts';
import { ServerProcess } from '../processes/server-process.ts';
import { provideRedisServer } from '../tools/index.ts';

export interface RedisServerOptions {
  /** Lines for redis.conf, after ours. */
  readonly settings?: readonly string[];
  /** Path of redis-server or valkey-server; found, or installed, when not given. */
  readonly command?: string;
  /** User and password, with a space, of who asks whether it is up; needed when the settings change who may. */
  readonly login?: string;
}

/** A Redis on loopback with a password, an append-only file and no eviction: as the product asks for. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** SIGKILL, as in a crash. */
  kill(): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  /** Ends the server and removes the data. May be called again. */
  stop(): Promise<void>;
}

/** @throws AutoWeaveError AW_LOCAL_SERVER_FAILED with the end of the server's log. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const command = options.command ?? (await provideRedisServer());
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-redis-'));
  const [port = 0] = await freePorts(1);
  const password = randomBytes(16).toString('hex');
  const configuration = join(directory, 'redis.conf');
  await writeFile(configuration, settings({ port, password, directory, more: options.settings ?? [] }), {
    mode: 0o600,
  });
  const server = new ServerProcess({
    command,
    parameters: [configuration],
    directory,
    logFile: join(directory, 'redis.log'),
    isReady: (signal) => answersPing({ port, login: options.login ?? password, signal }),
  });
  const redis: RedisServer = {
    url: `redis://:${password}@127.0.0.1:${port}`,
    port,
    directory,
    kill: () => server.kill(),
    start: () => server.start(),
    stop: async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await redis.start();
  } catch (error) {
    await redis.stop();
    throw error;
  }
  return redis;
}

interface Settings {
  readonly port: number;
  readonly password: string;
  readonly directory: string;
  readonly more: readonly string[];
}

function settings({ port, password, directory, more }: Settings): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${directory}`,
    'daemonize no',
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    ...more,
  ];
  return `${lines.join('\n')}\n`;
}

interface Ping {
  readonly port: number;
  readonly login: string;
  readonly signal: AbortSignal;
}

/** Answers LOADING, and so no PONG, until the append-only file is read. */
function answersPing({ port, login, signal }: Ping): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, signal });
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.end(`AUTH ${login}\r\nPING\r\nQUIT\r\n`));
    socket.on('data', (text) => (answer += text));
    socket.on('close', () => resolve(answer.includes('+PONG')));
    socket.on('error', reject);
  });
}
