import { describe, expect, it } from 'vitest';
import type { LanePlaces } from './lane-windows.ts';
import { planReleases } from './plan-releases.ts';
import type { ExecutorState, LaneCopy, PluginVerdict, RoomEntry, RoomJob, RoomPlan, RoomState } from './room-state.ts';
import { testEntry, testEventEntry } from './testing/sample-jobs.ts';

const revision = {
  uid: 'u',
  runtime: 'Thread',
  bundleDigest: 'sha256:0',
  memoryMegabytes: 64,
  timeoutSeconds: 30,
} as const;
const ready: PluginVerdict = { state: 'ready', revision };
const now = 1_500_000;

function job(entry: RoomEntry, more: Partial<RoomJob> = {}): RoomJob {
  return { entry, recorded: false, copy: undefined, plugin: ready, ...more };
}

/** What lanes have free; one plugin may take all of it. */
function placesOf(free: Readonly<Record<string, number>>): LanePlaces {
  return { free: new Map(Object.entries(free)), held: new Map(), share: Infinity };
}

function plan(jobs: readonly RoomJob[], more: Partial<RoomState> = {}): RoomPlan {
  return planReleases({
    now,
    jobs,
    holders: ['a'],
    executors: new Map([
      ['a', { state: 'present', instance: 'a1' }],
      ['b', { state: 'present', instance: 'b1' }],
    ]),
    places: placesOf({ a: 4, b: 4 }),
    ...more,
  });
}

/** e.g. `release j1 a` */
function actionsOf({ actions }: RoomPlan): readonly string[] {
  return actions.map((action) => {
    const detail = action.type === 'release' ? action.node : action.type === 'fail' ? action.code : '';
    return `${action.type} ${action.id} ${detail}`.trim();
  });
}

const running = (instance?: string): LaneCopy => ({
  node: 'a',
  state: 'running',
  ...(instance === undefined ? {} : { instance }),
});
const executorOfA = (state: ExecutorState) => ({ executors: new Map([['a', state]]) });

describe('a job for a device', () => {
  it('goes to the node that holds the device', () => {
    expect(actionsOf(plan([job(testEntry('j1'))], { holders: ['b'] }))).toEqual(['release j1 b']);
  });

  it('waits while the device is nowhere, or at two nodes at once', () => {
    expect(actionsOf(plan([job(testEntry('j1'))], { holders: [] }))).toEqual([]);
    expect(actionsOf(plan([job(testEntry('j1'))], { holders: ['a', 'b'] }))).toEqual([]);
  });

  it('waits for the earlier jobs of its plugin, not for those of others', () => {
    const other = testEntry('j3', { plugin: { namespace: 'default', name: 'q' } });
    expect(actionsOf(plan([job(testEntry('j1')), job(testEntry('j2')), job(other)]))).toEqual([
      'release j1 a',
      'release j3 a',
    ]);
  });

  it('expires, and tells when to look again before that', () => {
    expect(actionsOf(plan([job(testEntry('j1', { expiresAt: now }))]))).toEqual(['fail j1 AW_JOB_EXPIRED']);
    expect(plan([job(testEntry('j1', { expiresAt: now + 500 }))], { holders: [] }).again).toBe(500);
  });

  it('is not offered to the node that has just handed it back, but to another at once', () => {
    const entry = testEntry('j1', { routing: { handedBack: { node: 'a', times: 1, at: now - 100 } } });
    expect(actionsOf(plan([job(entry)]))).toEqual([]);
    expect(plan([job(entry)]).again).toBe(400);
    expect(actionsOf(plan([job(entry)], { holders: ['b'] }))).toEqual(['release j1 b']);
    expect(actionsOf(plan([job(entry)], { now: now + 400 }))).toEqual(['release j1 a']);
  });
});

describe('the job of an event', () => {
  it('goes to the node of the event, wherever the device is now', () => {
    expect(actionsOf(plan([job(testEventEntry('e1', 'b'))], { holders: [] }))).toEqual(['release e1 b']);
  });

  it('never overtakes an event, also when that one waits for a node that is away', () => {
    const executors = new Map<string, ExecutorState>([
      ['a', { state: 'present', instance: 'a1' }],
      ['b', { state: 'absent' }],
    ]);
    const jobs = [job(testEventEntry('e1', 'b')), job(testEventEntry('e2', 'a')), job(testEntry('j1'))];
    expect(actionsOf(plan(jobs, { executors }))).toEqual([]);
  });

  it('passes a job that waits for its device, so that the plugin hears when it comes', () => {
    const jobs = [job(testEntry('j1')), job(testEventEntry('e1', 'a'))];
    expect(actionsOf(plan(jobs, { holders: [] }))).toEqual(['release e1 a']);
    expect(actionsOf(plan(jobs))).toEqual(['release j1 a']);
  });
});

describe('a job without a device', () => {
  const free = (id: string, more: Partial<RoomEntry> = {}): RoomJob => {
    const { deviceName: _deviceName, ...entry } = testEntry(id, more);
    return job(entry);
  };

  it('goes to the node with the most room, beside others of its plugin', () => {
    const places = placesOf({ a: 1, b: 2 });
    const result = plan([free('j1'), free('j2'), free('j3'), free('j4')], { places });
    expect(actionsOf(result)).toEqual(['release j1 b', 'release j2 a', 'release j3 b']);
    expect([...result.fullLanes].toSorted()).toEqual(['a', 'b']);
  });

  it('leaves places of the lane to other plugins, whose jobs stand behind', () => {
    const other = { plugin: { namespace: 'default', name: 'q' } };
    const places = { ...placesOf({ a: 4 }), share: 2, held: new Map([['a default/p', 1]]) };
    const executors = new Map([['a', { state: 'present', instance: 'a1' }] as const]);
    const result = plan([free('j1'), free('j2'), free('j3'), free('k1', other)], { places, executors });
    expect(actionsOf(result)).toEqual(['release j1 a', 'release k1 a']);
    expect([...result.fullLanes]).toEqual(['a default/p']);
  });

  it('excludes other exclusive ones', () => {
    expect(actionsOf(plan([free('j1', { exclusive: true }), free('j2', { exclusive: true })]))).toHaveLength(1);
  });
});

describe('a job whose plugin has pods', () => {
  const inPods = (nodes: readonly string[], isAnywhere = false): PluginVerdict => ({ ...ready, nodes, isAnywhere });

  it('goes where they are, when it has no device', () => {
    const { deviceName: _deviceName, ...entry } = testEntry('j1');
    expect(actionsOf(plan([job(entry, { plugin: inPods(['b']) })]))).toEqual(['release j1 b']);
    expect(actionsOf(plan([job(entry, { plugin: inPods([]) })]))).toEqual([]);
  });

  it('follows an event to its node, unless they are anywhere', () => {
    const event = testEventEntry('e1', 'a');
    expect(actionsOf(plan([job(event, { plugin: inPods(['b']) })]))).toEqual(['release e1 a']);
    expect(actionsOf(plan([job(event, { plugin: inPods(['b'], true) })]))).toEqual(['release e1 b']);
  });
});

describe('a job whose plugin', () => {
  it('is on its way waits; refused, it fails with the code and holds up nobody', () => {
    const onItsWay = plan([job(testEntry('j1'), { plugin: { state: 'pending' } })]);
    expect(actionsOf(onItsWay)).toEqual([]);
    expect([...onItsWay.fullLanes]).toEqual([]);
    const gone: PluginVerdict = { state: 'refused', code: 'AW_PLUGIN_GONE', message: 'gone' };
    const jobs = [job(testEntry('j1'), { plugin: gone }), job(testEntry('j2'))];
    expect(actionsOf(plan(jobs))).toEqual(['fail j1 AW_PLUGIN_GONE', 'release j2 a']);
  });

  it('is refused leaves the lane when nobody took it yet', () => {
    const gone: PluginVerdict = { state: 'refused', code: 'AW_PLUGIN_GONE', message: 'gone' };
    const copy: LaneCopy = { node: 'a', state: 'waiting' };
    expect(actionsOf(plan([job(testEntry('j1'), { plugin: gone, copy })]))).toEqual(['withdraw j1']);
    expect(actionsOf(plan([job(testEntry('j1'), { plugin: gone, copy: running('a1') })]))).toEqual([]);
  });
});

describe('a job in a lane', () => {
  it('is left to the executor that runs it', () => {
    expect(actionsOf(plan([job(testEntry('j1'), { copy: running('a1') })]))).toEqual([]);
    expect(actionsOf(plan([job(testEntry('j1'), { copy: running() })]))).toEqual([]);
  });

  it('is taken from an executor that is gone or another now, and given up after three', () => {
    const lost = job(testEntry('j1'), { copy: running('a0') });
    expect(plan([lost]).actions).toMatchObject([{ type: 'withdraw', routing: { endedExecutors: ['a0'] } }]);
    expect(actionsOf(plan([lost], executorOfA({ state: 'absent' })))).toEqual(['withdraw j1']);
    const noted = testEntry('j1', { routing: { endedExecutors: ['a0'] } });
    expect(plan([job(noted, { copy: running('a0') })]).actions).toMatchObject([{ routing: noted.routing }]);
    const again = testEntry('j1', { routing: { endedExecutors: ['a1', 'a2', 'a3'] } });
    expect(actionsOf(plan([job(again)]))).toEqual(['fail j1 AW_JOB_STALLED']);
  });

  it('stays when it is not known whether its executor lives', () => {
    const unknown = executorOfA({ state: 'unknown' });
    expect(actionsOf(plan([job(testEntry('j1'), { copy: running('a0') })], unknown))).toEqual([]);
    expect(actionsOf(plan([job(testEntry('j1'))], unknown))).toEqual([]);
  });

  it('leaves its room when its result is recorded, and fails when BullMQ gave it up', () => {
    expect(actionsOf(plan([job(testEntry('j1'), { recorded: true, copy: running('a1') })]))).toEqual(['remove j1']);
    const copy: LaneCopy = { node: 'a', state: 'ended', failure: 'job stalled more than allowable limit' };
    expect(actionsOf(plan([job(testEntry('j1'), { copy })]))).toEqual(['fail j1 AW_JOB_STALLED']);
  });

  it('waits again at its place when it was handed back', () => {
    const copy: LaneCopy = { node: 'a', state: 'ended', instance: 'a1' };
    const routing = { node: 'a', handedBack: { node: 'a', times: 2, at: 1 } };
    expect(plan([job(testEntry('j1', { routing }), { copy })]).actions).toMatchObject([
      { type: 'withdraw', routing: { handedBack: { node: 'a', times: 3, at: now } } },
    ]);
  });
});
