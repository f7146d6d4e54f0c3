import { type HotplugEvent, hotplugEventFields, queues, redisKeys, resultFields } from '@autoweave/crds';
import { Queue } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeName } from '../system/product.ts';
import { onAttach, pluginNamespace, samplePlugin } from './sample-plugin.ts';
import { labWithWitness } from './witness.ts';

const lab = labWithWitness();

/** An event of a node that has no executor, as its agent writes it. */
function eventFields(): Record<string, string> {
  const event: HotplugEvent = lab.current.world.exampleEvent('elsewhere');
  return Object.fromEntries(hotplugEventFields(event));
}

/** The dead letters of an entry, by group. */
async function deadLettersOf(key: string, entryId: string): Promise<readonly Record<string, string>[]> {
  const letters = (await lab.current.redis.xrange(key, '-', '+')).map(([, flat]) => byName(flat));
  return letters.filter((letter) => letter['entryId'] === entryId);
}

function byName(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])));
}

async function append(stream: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const id = await lab.current.redis.xadd(stream, '*', ...Object.entries(fields).flat());
  if (id === null) throw new Error(`${stream} took no entry`);
  return id;
}

describe('an entry of aw:hotplug that no agent wrote', () => {
  it.each<[string, Record<string, string>, string]>([
    ['lacks everything', { hello: 'world' }, 'schema is missing; add it'],
    ['lacks a field', { action: '' }, 'action is missing; add it'],
    ['holds no JSON', { device_descriptor: '{"deviceClass"' }, 'deviceDescriptor is "{\\"deviceClass\\""; give JSON'],
    ['has a text for a number', { bus_number: 'one' }, 'busNumber is "one"; give a value of type integer'],
    ['has another word', { action: 'explode' }, 'action is "explode"; give one of "attach", "detach"'],
    ['has a field of 64 KiB', { product: 'x'.repeat(65_536) }, 'NOT have more than 256 characters'],
    ['is of another version', { schema: '2' }, 'schema is "2"; give "1"'],
    ['names a device like a queue', { device_name: 'a:b' }, 'deviceName is "a:b"; give'],
  ])('becomes a dead letter when it %s, and the rest flows', async (_, fields, reason) => {
    const isWhole = !('hello' in fields);
    const entry = isWhole ? { ...eventFields(), ...fields } : fields;
    // An empty value stands for a field that is left out.
    const given = Object.fromEntries(Object.entries(entry).filter(([name]) => fields[name] !== ''));
    const id = await append(redisKeys.hotplugStream, given);
    await lab.current.world.plug();
    await expect.poll(() => deadLettersOf(redisKeys.hotplugDeadLetters, id)).toHaveLength(1);
    const [letter] = await deadLettersOf(redisKeys.hotplugDeadLetters, id);
    expect(letter).toMatchObject({ code: 'AW_EVENT_MALFORMED', deliveries: '1', group: redisKeys.hotplugGroup });
    expect(letter?.['reason']).toContain(reason);
    expect(JSON.parse(letter?.['fields'] ?? '')).toEqual(given);
  });
});

describe('an entry of aw:results that no executor wrote', () => {
  const result = {
    jobId: 'forged',
    type: 'usb.attach',
    plugin: { namespace: pluginNamespace, name: 'witness' },
    node: nodeName,
    state: 'Succeeded',
    startedAt: 0,
    finishedAt: 1,
    traceparent: '',
  };

  it.each<[string, Record<string, string>]>([
    ['has no result', { hello: 'world' }],
    ['holds no JSON', { result: '{' }],
    ['holds another type', { result: '"Succeeded"' }],
    ['lacks a field', { result: JSON.stringify({ ...result, state: undefined }) }],
    ['has a wrong type', { result: JSON.stringify({ ...result, finishedAt: 'now' }) }],
    ['ended at no time', { result: JSON.stringify({ ...result, finishedAt: 1e300 }) }],
    ['names a device like a queue', { result: JSON.stringify({ ...result, deviceName: 'a:b' }) }],
    [
      'names a plugin that cannot be',
      { result: JSON.stringify({ ...result, plugin: { namespace: '../a', name: 'B' } }) },
    ],
  ])('becomes a dead letter of each group when it %s, and the rest flows', async (_, fields) => {
    const id = await append(redisKeys.resultStream, fields);
    await lab.current.world.plug();
    await expect.poll(() => deadLettersOf(redisKeys.resultDeadLetters, id)).toHaveLength(2);
    const letters = await deadLettersOf(redisKeys.resultDeadLetters, id);
    const groups = new Set(letters.map(({ group }) => group));
    expect(groups).toEqual(new Set([redisKeys.resultGroup, redisKeys.resultEventGroup]));
    for (const { code, reason } of letters) {
      expect(code).toBe('AW_RECORD_INVALID');
      expect(reason).toContain(`${resultFields.result} is not the JSON of a result`);
    }
  });
});

describe('a job at the open door', () => {
  const plugin = { namespace: pluginNamespace, name: 'asked' };

  /** What a client finds in the end: the return value of its job. @throws Error with the reason of its failure */
  async function submit(queueName: string, data: unknown, name = 'plugin.job'): Promise<unknown> {
    const queue = new Queue(queueName, { connection: lab.current.redis });
    onTestFinished(() => queue.close());
    const { id = '' } = await queue.add(name, data);
    await expect.poll(() => queue.getJobState(id)).toMatch(/^(completed|failed)$/);
    const job = await queue.getJob(id);
    if (job?.failedReason !== undefined) throw new Error(job.failedReason);
    return job?.returnvalue;
  }

  function nested(levels: number): unknown {
    return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  }

  it.each<[string, unknown, string]>([
    ['no object', 'text', 'data is "text": give an object with the field plugin'],
    ['no plugin', {}, 'plugin is missing: give {"namespace"'],
    [
      'a plugin that is not there',
      { plugin: { ...plugin, name: 'nobody' } },
      'there is no such AutoWeavePlugin; create it',
    ],
    ['an unknown field', { plugin, devise: 'x' }, 'devise is "x": no such field is known; remove it'],
    ['a wrong type', { plugin, exclusive: 'yes' }, 'exclusive is "yes": give true or false'],
    ['a device that nobody has seen', { plugin, device: 'nothing' }, 'device is "nothing": no UsbDevice has this name'],
    ['a payload that is too large', { plugin, payload: 'x'.repeat(65_536) }, 'give at most 65536 bytes of JSON'],
    [
      'a payload that is too deep',
      { plugin, payload: nested(5_000) },
      'payload is nested deeply: nest at most 64 levels',
    ],
  ])('fails with AW_JOB_INVALID, field, value and remedy: %s', async (_, data, message) => {
    await lab.current.apply(samplePlugin({ name: plugin.name, code: onAttach('') }));
    await expect.poll(() => lab.current.find(plugin.name)).toBeDefined();
    await expect(submit('plugin-jobs', data)).rejects.toThrow(/^AW_JOB_INVALID: /);
    await expect(submit('system-maintenance', data)).rejects.toThrow(message);
  });

  it('fails by its name when nobody does such work', async () => {
    await expect(submit('llm-batch', { plugin }, 'llm.batch')).rejects.toThrow(
      'AW_JOB_INVALID: name is "llm.batch": not accepted yet; jobs named plugin.job are',
    );
  });

  it('holds up nobody when its data is no JSON', async () => {
    const { redis } = lab.current;
    const code = 'export default { onJob: ({ payload }) => payload };';
    await lab.current.apply(samplePlugin({ name: plugin.name, code }));
    await expect.poll(() => lab.current.standing(plugin.name)).toContain('Running');
    for (const queue of Object.keys(queues.intake)) {
      await redis.hset(`bull:${queue}:broken`, {
        name: 'plugin.job',
        data: '{',
        opts: '{}',
        timestamp: '0',
        delay: '0',
      });
      await redis.lpush(`bull:${queue}:wait`, 'broken');
      expect(await submit(queue, { plugin, payload: queue })).toMatchObject({ room: 'room-plugin-lab.asked' });
    }
    const answers = async () => new Set((await lab.current.resultsOf(plugin.name)).map(({ value }) => value));
    await expect.poll(answers).toEqual(new Set(Object.keys(queues.intake)));
  });
});
