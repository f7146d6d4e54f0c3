import { nodeLabels } from '@autoweave/crds';
import { builtinResources, type KubeObject } from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PlacementBench } from './testing/placement-bench.ts';
import { patience, says, there } from './testing/placement-world.ts';

const pod = { runtime: 'Pod' } as const;
const keyboards = { triggers: [{ actions: ['attach' as const], match: { deviceClasses: ['03'] } }] };

let bench: PlacementBench;

beforeAll(async () => {
  bench = await PlacementBench.start();
}, 120_000);

afterAll(async () => {
  await bench?.stop();
});

describe('a plugin of runtime Pod', () => {
  it('gets a DaemonSet, which follows its devices, and is loaded where its pods are ready', async () => {
    const world = await bench.world();
    const node = await world.createNode();
    const { metadata } = await world.createPlugin('greeter', { ...pod, ...keyboards });
    await expect
      .poll(() => world.condition('greeter', 'Placed'))
      .toEqual(says('False NoNodeWithDevice', 'plug one in'));
    await expect.poll(() => world.condition('greeter', 'Ready')).toEqual(says('True NoNodeWithDevice'));

    await world.plug(node);
    await expect.poll(() => world.labels(node)).toHaveProperty([nodeLabels.plugin(metadata.uid ?? '')]);
    await expect
      .poll(() => world.condition('greeter', 'Placed'))
      .toEqual(says('False PodsStarting', '0 of 1 pod is ready; not at'));
    const daemonSet = await there(() => world.daemonSet('greeter'));
    expect(daemonSet.metadata).toMatchObject({
      ownerReferences: [{ kind: 'AutoWeavePlugin', name: 'greeter', uid: metadata.uid, controller: true }],
      labels: { 'app.kubernetes.io/managed-by': 'autoweave', 'autoweave.dev/plugin': 'greeter' },
    });
    expect(await world.account('awp-greeter')).toMatchObject({ automountServiceAccountToken: false });
    expect(world.ports.jobs.size).toBe(0);

    world.executorStarts(node);
    world.executorStarts('elsewhere');
    const first = await world.runPod(daemonSet, node);
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual([`load ${node}`]), patience);
    expect([...world.ports.jobs.values()][0]?.revision.runtime).toBe('Pod');
    world.endJobs();
    await expect.poll(() => world.condition('greeter', 'Ready')).toEqual(says('True Running'));
    await expect.poll(() => world.condition('greeter', 'Placed')).toEqual(says('True Placed', '1 of 1 pod is ready'));

    await world.deletePod(first);
    await expect.poll(() => world.condition('greeter', 'Ready')).toEqual(says('False PodsStarting'));
    await world.runPod(daemonSet, node);
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual([`load ${node}`]), patience);
  });

  it('passes Pod Security restricted, whatever it is made of', async () => {
    const world = await bench.world({ runnerPods: { pluginSeccompProfile: 'profiles/af-unix.json' } });
    const image = 'registry.example.com/team/plugin:1.0.0';
    await world.createPlugin('isolate', pod);
    await world.createPlugin('image', { ...pod, pod: { image, env: [{ name: 'DEPTH', value: '3' }] } });
    await world.createPlugin('anywhere', { ...pod, placement: { nodes: 'Any' } });
    await world.createPlugin('once', { ...pod, pod: { image }, placement: { once: true } });
    await world.createPlugin('thread');
    const made = await Promise.all([
      there(() => world.daemonSet('isolate')),
      there(() => world.daemonSet('image')),
      there(() => world.deployment('anywhere')),
      there(() => world.job('once')),
      there(() => world.daemonSet()),
    ]);
    for (const { spec } of made) expect(await world.podRefusal(spec.template)).toBeUndefined();
    const privileged = { ...made[0].spec.template.spec, hostNetwork: true };
    expect(await world.podRefusal({ ...made[0].spec.template, spec: privileged })).toContain('violates PodSecurity');
  });

  it('runs anywhere in as many pods as its jobs need', async () => {
    const world = await bench.world();
    await world.createPlugin('worker', { ...pod, placement: { nodes: 'Any', replicas: { minimum: 3, maximum: 8 } } });
    const replicas = async (): Promise<number | undefined> => (await world.deployment('worker'))?.spec.replicas;
    await vi.waitFor(async () => expect(await replicas()).toBe(3), patience);
    expect((await world.deployment('worker'))?.spec.template.spec).not.toHaveProperty('affinity');

    world.jobs = 65;
    await world.createPlugin('worker', { ...pod, placement: { nodes: 'Any', replicas: { minimum: 4, maximum: 8 } } });
    await vi.waitFor(async () => expect(await replicas()).toBe(7), patience);
  });

  it('runs once for each revision, also when the operator starts anew', async () => {
    const image = (tag: string) => ({ ...pod, pod: { image: `flash:${tag}` }, placement: { once: true } });
    const first = await bench.world();
    await first.createPlugin('flash', image('1'));
    const job = await there(() => first.job('flash'));
    await first.endJob(job, 'Complete');
    await expect.poll(() => first.condition('flash', 'Ready')).toEqual(says('True Completed'));
    await first.stop();

    const second = await bench.world({ namespace: first.namespace });
    await expect.poll(() => second.condition('flash', 'Placed')).toEqual(says('True Completed'));
    expect((await second.job('flash'))?.metadata.uid).toBe(job.metadata.uid);
    await second.createPlugin('flash', image('2'));
    await vi.waitFor(async () => {
      const next = await second.job('flash');
      expect(next?.spec.template.spec.containers[0]?.image).toBe('flash:2');
      expect(next?.metadata.uid).not.toBe(job.metadata.uid);
    }, patience);
    await second.endJob(
      await there(() => second.job('flash')),
      'Failed',
      'Job has reached the specified backoff limit',
    );
    await expect
      .poll(() => second.condition('flash', 'Placed'))
      .toEqual(says('False PodFailing', 'its Job failed: Job has reached'));
    await expect.poll(() => second.condition('flash', 'Stalled')).toEqual(says('True PodFailing'));
  });

  it('has only what it should have when it changes, and nothing while it is suspended', async () => {
    const world = await bench.world();
    await world.createPlugin('greeter', pod);
    await expect.poll(() => world.daemonSet('greeter')).toBeDefined();
    await world.createPlugin('greeter', { ...pod, placement: { nodes: 'Any' } });
    await expect.poll(() => world.deployment('greeter')).toBeDefined();
    await expect.poll(() => world.daemonSet('greeter')).toBeUndefined();

    await world.createPlugin('greeter', { ...pod, placement: { nodes: 'Any' }, suspend: true });
    await expect.poll(() => world.deployment('greeter')).toBeUndefined();
    await expect.poll(() => world.condition('greeter', 'Placed')).toBeUndefined();
    await world.createPlugin('greeter', pod);
    await expect.poll(() => world.daemonSet('greeter')).toBeDefined();
    await world.createPlugin('greeter', { runtime: 'Thread' });
    await expect.poll(() => world.daemonSet('greeter')).toBeUndefined();
    await expect.poll(() => world.daemonSet()).toBeDefined();
  });

  it('takes back what somebody changed by hand, and is else left alone', async () => {
    const world = await bench.world();
    await world.createPlugin('greeter', pod);
    const { metadata, spec } = await there(() => world.daemonSet('greeter'));
    const containers = spec.template.spec.containers.map((container) => ({ ...container, image: 'evil' }));
    const changed = { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } };
    const { name, namespace } = metadata;
    const options = { fieldManager: 'somebody', force: true };
    await bench.admin.apply<KubeObject & { spec: object }>(
      builtinResources.daemonSet,
      { metadata: { name, namespace }, spec: changed },
      options,
    );
    await vi.waitFor(async () => {
      const restored = await world.daemonSet('greeter');
      expect(restored?.spec.template.spec.containers[0]?.image).toBe('autoweave/runner:0.1.0');
    }, patience);

    const before = await there(() => world.daemonSet('greeter'));
    await world.setDaemonSetStatus(before, 0);
    await world.createPlugin('other', pod);
    await expect.poll(() => world.daemonSet('other')).toBeDefined();
    const after = await there(() => world.daemonSet('greeter'));
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });
});
