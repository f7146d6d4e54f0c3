import { nodeLabels } from '@autoweave/crds';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PlacementBench } from './testing/placement-bench.ts';
import { patience, says, there } from './testing/placement-world.ts';

const keyboards = { triggers: [{ actions: ['attach' as const], match: { deviceClasses: ['03'] } }] };

let bench: PlacementBench;

beforeAll(async () => {
  bench = await PlacementBench.start();
}, 120_000);

afterAll(async () => {
  await bench?.stop();
});

describe('plugins of runtime Thread', () => {
  it('share the runners of their namespace, which stay until the last of them goes', async () => {
    const world = await bench.world();
    const node = await world.createNode();
    await world.createPlugin('one', keyboards);
    await world.createPlugin('two', { triggers: [{ actions: ['attach'], match: { vendorIds: ['ffff'] } }] });
    await world.plug(node);
    const daemonSet = await there(() => world.daemonSet());
    const terms = [{ matchExpressions: [{ key: nodeLabels.runner(world.namespace), operator: 'Exists' }] }];
    expect(daemonSet.spec.template.spec.affinity).toEqual({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    });
    await expect.poll(() => world.labels(node)).toHaveProperty([nodeLabels.runner(world.namespace)]);

    world.executorStarts(node);
    await world.runPod(daemonSet, node);
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual([`load ${node}`]), patience);
    world.endJobs();
    await expect.poll(() => world.condition('one', 'Ready')).toEqual(says('True Running'));
    await expect.poll(() => world.condition('two', 'Ready')).toEqual(says('True NoNodeWithDevice'));

    await world.deletePlugin('one');
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual([`unload ${node}`]), patience);
    expect(await world.daemonSet()).toBeDefined();
    await world.deletePlugin('two');
    await expect.poll(() => world.daemonSet()).toBeUndefined();
  });

  it('have runners at every node when one of them may run anywhere', async () => {
    const world = await bench.world();
    await world.createPlugin('one', keyboards);
    await world.createPlugin('two', { placement: { nodes: 'Any' } });
    await vi.waitFor(async () => {
      expect((await world.daemonSet())?.spec.template.spec.affinity).toBeUndefined();
    }, patience);
  });

  it('are unloaded where their grace has ended, while the runner serves others', async () => {
    const world = await bench.world();
    const node = await world.createNode();
    await world.createPlugin('one', { ...keyboards, placement: { detachGraceSeconds: 60 } });
    await world.createPlugin('two', { placement: { nodes: 'Any' } });
    const device = await world.plug(node);
    world.executorStarts(node);
    const daemonSet = await there(() => world.daemonSet());
    await world.setDaemonSetStatus(daemonSet, 1);
    await world.runPod(daemonSet, node);
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual([`load ${node}`, `load ${node}`]), patience);
    world.endJobs();
    await expect.poll(() => world.condition('one', 'Ready')).toEqual(says('True Running'));
    const left = world.now();
    await vi.waitFor(async () => {
      // The grace begins when the operator hears of it, which may be after any of these.
      world.later(61);
      await world.report(device, node, false, left);
      expect(world.ports.openJobs()).toEqual([`unload ${node}`]);
    }, patience);
    world.endJobs();
    await expect.poll(() => world.condition('one', 'Ready')).toEqual(says('True NoNodeWithDevice'));
    await expect.poll(() => world.condition('two', 'Ready')).toEqual(says('True Running'));
  });
});
