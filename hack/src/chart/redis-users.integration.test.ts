import { queues, redisKeys } from '@autoweave/crds';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ChartRedis, type RedisUser, startChartRedis } from './testing/chart-redis.ts';
import { HelmClient } from './testing/helm-client.ts';

const users: readonly RedisUser[] = ['operator', 'agent', 'executor', 'intake'];
const password = 'correct-horse-battery';
let redis: ChartRedis;
let admin: Redis;

beforeAll(async () => {
  const helm = await HelmClient.open(3);
  redis = await startChartRedis(await helm.template({ redis: { auth: { password }, intakeUser: { enabled: true } } }));
  helm.close();
  admin = connect(redis.adminUrl);
}, 900_000);

afterAll(async () => {
  admin?.disconnect();
  await redis?.stop();
});

/** A key of each sort, and who may reach it. */
const keys: readonly (readonly [key: string, ...users: RedisUser[]])[] = [
  [redisKeys.hotplugStream, 'operator', 'agent'],
  [redisKeys.hotplugSequence('node-a'), 'operator', 'agent'],
  [redisKeys.hotplugDeadLetters, 'operator'],
  [redisKeys.resultStream, 'operator', 'executor'],
  [redisKeys.resultDeadLetters, 'operator'],
  [redisKeys.jobRecord('job'), 'operator', 'executor'],
  [redisKeys.pluginCounters('namespace', 'plugin'), 'operator', 'executor'],
  [redisKeys.pluginStore('namespace', 'plugin'), 'operator', 'executor'],
  [redisKeys.waitingRooms, 'operator'],
  [redisKeys.leavingRooms, 'operator'],
  [redisKeys.attachedDevices, 'operator'],
  [redisKeys.toldDevices('uid'), 'operator'],
  [redisKeys.executors, 'operator', 'executor'],
  [redisKeys.executor('node-a'), 'operator', 'executor'],
  [`bull:${queues.lane('node-a')}:wait`, 'operator', 'executor'],
  [`bull:${queues.deviceRoom('046d-c31c-a')}:wait`, 'operator'],
  [`bull:${queues.pluginRoom('namespace', 'plugin')}:wait`, 'operator'],
  ...Object.keys(queues.intake).map((queue) => [`bull:${queue}:wait`, 'operator', 'intake'] as const),
  ['somebody-elses'],
];

describe('the users of Redis', () => {
  it.each(keys)('reach %s only when it is theirs', async (key, ...allowed) => {
    const reaching = await Promise.all(users.map(async (user) => ((await reaches(user, key)) ? [user] : [])));
    expect(reaching.flat()).toEqual(allowed);
  });

  it('read a bundle on the nodes, and write it only in the operator', async () => {
    const bundle = redisKeys.bundle(`sha256:${'0'.repeat(64)}`);
    expect(await dryRun('executor', ['get', bundle])).toBe('OK');
    expect(await dryRun('operator', ['set', bundle, 'x'])).toBe('OK');
    for (const command of [
      ['set', bundle, 'x'],
      ['del', bundle],
      ['rename', bundle, 'aw:executors'],
    ]) {
      expect(await dryRun('executor', command)).toMatch(/no permissions/);
      expect(await dryRun('agent', command)).toMatch(/no permissions/);
    }
  });

  it('may run what was reviewed, and nothing that reaches beyond their keys', async () => {
    const risky = new Set(
      (await Promise.all(['admin', 'dangerous', 'pubsub'].map((name) => admin.acl('CAT', name)))).flat(),
    );
    const listed = await permittedCommands();
    expect(Object.fromEntries(users.map((user) => [user, listed[user].filter((name) => risky.has(name))]))).toEqual({
      operator: ['info'],
      agent: ['info'],
      executor: ['info'],
      intake: ['info'],
    });
    for (const user of users) {
      const scripting = listed[user].filter((name) => /^(function|script)\|/.test(name)).toSorted();
      expect(scripting, user).toEqual(loads[user]);
      expect(listed[user], user).not.toContain('keys');
      expect(listed[user].includes('scan'), user).toBe(user === 'operator');
    }
    expect(listed.agent.filter((name) => !everybodys.test(name)).toSorted()).toEqual([
      'discard',
      'exec',
      'fcall',
      'fcall_ro',
      'get',
      'info',
      'multi',
      'set',
      'wait',
      'xadd',
    ]);
  });

  it('include one for the probes, which may only ask whether it is up', async () => {
    const probe = connect(`redis://probe:any@127.0.0.1:${redis.server.port}`, { enableReadyCheck: false });
    expect(await probe.ping()).toBe('PONG');
    for (const attempt of [probe.info(), probe.get('aw:executors'), probe.acl('LIST'), probe.echo('a')]) {
      await expect(attempt).rejects.toThrow('NOPERM');
    }
  });

  it('do not include who gives no password, or a wrong one', async () => {
    const nobody = connect(`redis://127.0.0.1:${redis.server.port}`, { enableReadyCheck: false });
    for (const attempt of [nobody.ping(), nobody.get('aw:executors'), nobody.info()]) {
      await expect(attempt).rejects.toThrow('NOAUTH');
    }
    const wrong = connect(`redis://agent:wrong@127.0.0.1:${redis.server.port}`, { retryStrategy: () => null });
    await expect(wrong.ping()).rejects.toThrow(/WRONGPASS|Connection is closed/);
  });

  // The file is loaded with the rights of the user `default`: https://github.com/valkey-io/valkey/issues/3983.
  it('find what transactions and scripts wrote when their Redis was started again', async () => {
    await admin.multi().set('one', '1').set('other', '2').exec();
    await admin.eval("redis.call('SET', 'third', '3') redis.call('SET', 'fourth', '4')", 0);
    await redis.server.kill();
    await redis.server.start();
    expect(await admin.mget('one', 'other', 'third', 'fourth')).toEqual(['1', '2', '3', '4']);
  });

  it('have a Redis that loses nothing', async () => {
    const settings = await Promise.all(
      ['appendonly', 'maxmemory-policy', 'maxmemory'].map((name) => admin.config('GET', name)),
    );
    expect(settings.flat()).toEqual([
      'appendonly',
      'yes',
      'maxmemory-policy',
      'noeviction',
      'maxmemory',
      String(320 * 1024 ** 2),
    ]);
  });
});

/** BullMQ runs scripts; that of the functions is the operator's alone. */
const loads: Readonly<Record<RedisUser, readonly string[]>> = {
  operator: ['function|load', 'script|load'],
  agent: [],
  executor: ['script|load'],
  intake: ['script|load'],
};

/** Of the connection itself. */
const everybodys = /^(asking|auth|client.*|command.*|echo|hello|ping|quit|readonly|readwrite|reset|select)$/;

/** Whether any of these commands may have the key. No user lacks all three. */
async function reaches(user: RedisUser, key: string): Promise<boolean> {
  const commands = [
    ['set', key, 'x'],
    ['get', key],
    ['del', key],
  ];
  const verdicts = await Promise.all(commands.map((command) => dryRun(user, command)));
  return verdicts.includes('OK');
}

/** 'OK', or why not. */
async function dryRun(user: RedisUser, command: readonly string[]): Promise<string> {
  return String(await admin.call('ACL', 'DRYRUN', user, ...command));
}

/** By user, what it may run if the keys were its own. */
async function permittedCommands(): Promise<Readonly<Record<RedisUser, readonly string[]>>> {
  const all = (await admin.call('COMMAND', 'LIST')) as readonly string[];
  const names = all.filter((name) => !all.some((other) => other.startsWith(`${name}|`)));
  const permitted = async (user: RedisUser): Promise<readonly string[]> => {
    const verdicts = await Promise.all(names.map(async (name) => ({ name, verdict: await judge(user, name) })));
    return verdicts.filter(({ verdict }) => !/to run the/.test(verdict)).map(({ name }) => name);
  };
  const [operator, agent, executor, intake] = await Promise.all([
    permitted('operator'),
    permitted('agent'),
    permitted('executor'),
    permitted('intake'),
  ]);
  return { operator, agent, executor, intake };
}

/** With as many parameters as the command asks for, so that only permission counts. */
async function judge(user: RedisUser, name: string): Promise<string> {
  const [info] = (await admin.call('COMMAND', 'INFO', name)) as readonly (readonly unknown[])[];
  const words = name.split('|');
  const missing = Math.max(0, Math.abs(Number(info?.[1])) - words.length);
  return dryRun(user, [...words, ...Array.from({ length: missing }, () => '1')]).catch((error: Error) => error.message);
}

function connect(url: string, options: object = {}): Redis {
  const connection = new Redis(url, { replyMapping: 'legacy', ...options });
  connection.on('error', () => undefined);
  if (admin !== undefined) onTestFinished(() => connection.disconnect());
  return connection;
}
