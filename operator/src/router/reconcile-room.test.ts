import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoomModel } from './testing/room-model.ts';
import { testEntry, testEventEntry } from './testing/sample-jobs.ts';

type ExecutorStep = readonly [
  verb: 'take' | 'record' | 'complete' | 'settle' | 'checkStalled' | 'startExecutor' | 'killExecutor',
  node: string,
];

type Step =
  | {
      readonly arrive: number;
      readonly plugin: string;
      readonly node: string;
      readonly isEvent: boolean;
      readonly exclusive: boolean;
    }
  | { readonly route: readonly ExecutorStep[]; readonly crashAt: number; readonly isThorough: boolean }
  | { readonly executor: ExecutorStep }
  | { readonly readPresence: true }
  | { readonly move: readonly string[] }
  | { readonly wait: number };

function weighted<T>(...choices: readonly (readonly [weight: number, value: T])[]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

const node = fc.constantFrom('a', 'b');
const plugin = fc.constantFrom('p', 'q');
const executor: fc.Arbitrary<ExecutorStep> = fc.tuple(
  weighted<ExecutorStep[0]>(
    [6, 'take'],
    [4, 'record'],
    [4, 'complete'],
    [2, 'settle'],
    [1, 'checkStalled'],
    [2, 'startExecutor'],
    [1, 'killExecutor'],
  ),
  node,
);
const never = Number.POSITIVE_INFINITY;
const crashAt = fc.oneof({ weight: 3, arbitrary: fc.constant(never) }, { weight: 1, arbitrary: fc.nat(20) });
const place = weighted<readonly string[]>([3, ['a']], [3, ['b']], [1, []], [1, ['a', 'b']]);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ arrive: fc.nat(11), plugin, node, isEvent: fc.boolean(), exclusive: fc.boolean() }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ route: fc.array(executor, { maxLength: 6 }), crashAt, isThorough: fc.boolean() }),
    },
    { weight: 6, arbitrary: fc.record({ executor }) },
    { weight: 3, arbitrary: fc.record({ readPresence: fc.constant(true as const) }) },
    { weight: 2, arbitrary: fc.record({ move: place }) },
    { weight: 1, arbitrary: fc.record({ wait: fc.nat(600) }) },
  ),
  { size: 'max', maxLength: 100 },
);

async function perform(model: RoomModel, step: Step): Promise<void> {
  if ('arrive' in step) arrive(model, step);
  else if ('route' in step) {
    const interleave = step.route.map(
      ([verb, where]) =>
        () =>
          model[verb](where),
    );
    await model.route({ crashAt: step.crashAt, interleave, isThorough: step.isThorough });
  } else if ('executor' in step) model[step.executor[0]](step.executor[1]);
  else if ('readPresence' in step) model.readPresence();
  else if ('move' in step) model.holders = step.move;
  else model.now += step.wait;
}

/** A number that came before comes again as the same job: an entry of the stream was delivered twice. */
function arrive(model: RoomModel, step: Extract<Step, { arrive: number }>): void {
  const id = `j${step.arrive}`;
  const key = { namespace: 'default', name: step.plugin };
  const known = model.arrivals.find((entry) => entry.id === id);
  const job = step.isEvent
    ? testEventEntry(id, step.node, { plugin: key })
    : testEntry(id, { plugin: key, exclusive: step.exclusive });
  model.arrive(known ?? job);
}

/** Everything is there and nothing fails any more. */
async function drain(model: RoomModel): Promise<void> {
  model.holders = ['a'];
  for (let round = 0; round < 200 && model.entries.length > 0; round++) {
    for (const where of ['a', 'b']) {
      model.startExecutor(where);
      for (const verb of ['checkStalled', 'take', 'record', 'complete'] as const) model[verb](where);
    }
    model.now += 1_000;
    model.readPresence();
    await model.route({ crashAt: never, interleave: [], isThorough: round % 2 === 0 });
  }
}

describe('a waiting room under arbitrary arrivals, moves, executor deaths and router crashes', () => {
  it('keeps order, excludes what excludes itself, gives every job one result and loses none', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const model = new RoomModel();
        for (const where of ['a', 'b']) model.startExecutor(where);
        for (const step of sequence) await perform(model, step);
        await drain(model);
        expect(model.entries.map(({ id }) => id)).toEqual([]);
        expect([...model.records.keys()].toSorted()).toEqual(model.arrivals.map(({ id }) => id).toSorted());
      }),
      { numRuns: 1_500 },
    );
  });
});
