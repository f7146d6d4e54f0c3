import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlacementBench } from './testing/placement-bench.ts';
import { type PlacementWorld, says, there } from './testing/placement-world.ts';

const pod = { runtime: 'Pod' } as const;
const keyboards = { triggers: [{ actions: ['attach' as const], match: { deviceClasses: ['03'] } }] };

let bench: PlacementBench;

beforeAll(async () => {
  bench = await PlacementBench.start();
}, 120_000);

afterAll(async () => {
  await bench?.stop();
});

describe('what keeps pods from running', () => {
  it('is told: an image that cannot be pulled', async () => {
    const { node, world } = await placedWorld();
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' };
    const container = { name: 'plugin', image: 'x', imageID: '', ready: false, restartCount: 0, state: { waiting } };
    const daemonSet = await there(() => world.daemonSet('greeter'));
    await world.runPod(daemonSet, node, { phase: 'Pending', containerStatuses: [container] });
    const message = `at node ${node}, container plugin: ImagePullBackOff: Back-off pulling image "x". Correct the name`;
    await expect.poll(() => world.condition('greeter', 'Placed')).toEqual(says('False ImageUnavailable', message));
    await expect
      .poll(() => world.condition('greeter', 'Stalled'))
      .toEqual(says('True ImageUnavailable', 'AW_IMAGE_UNAVAILABLE: pod '));
    expect((await world.plugin('greeter')).status?.phase).toBe('Loading');
  });

  it('is told: Pod Security or a quota', async () => {
    const { world } = await placedWorld();
    const daemonSet = await there(() => world.daemonSet('greeter'));
    await world.refusePods(daemonSet, 'pods "awp-greeter-x" is forbidden: exceeded quota: pods');
    await world.setDaemonSetStatus(daemonSet, 1, 0);
    await expect
      .poll(() => world.condition('greeter', 'Placed'))
      .toEqual(says('False PodNotCreated', 'AW_POD_NOT_CREATED: pods "awp-greeter-x"'));
    await world.setDaemonSetStatus(daemonSet, 1);
    await expect.poll(() => world.condition('greeter', 'Placed')).toEqual(says('False PodsStarting'));
  });

  it('is told: nodes with the device that the pods do not fit', async () => {
    const { world } = await placedWorld();
    await world.setDaemonSetStatus(await there(() => world.daemonSet('greeter')), 0);
    await expect
      .poll(() => world.condition('greeter', 'Placed'))
      .toEqual(says('False NodeUnfit', 'check taints and spec.pod.nodeSelector'));
  });

  it('is told: a value that is not possible', async () => {
    const world = await bench.world();
    const resourcesOfPod = { requests: { cpu: '2' }, limits: { cpu: '1' } };
    await world.createPlugin('greeter', { ...pod, pod: { resources: resourcesOfPod } });
    await expect
      .poll(() => world.condition('greeter', 'Placed'))
      .toEqual(says('False WorkloadRefused', 'must be less than or equal to cpu limit'));
    await world.createPlugin('greeter', pod);
    await expect.poll(() => world.condition('greeter', 'Placed')).toEqual(says('False NoNodeWithDevice'));
  });

  it('is told: a right that the operator lacks', async () => {
    const world = await bench.world({ without: 'daemonsets' });
    await world.createPlugin('greeter', pod);
    await world.createPlugin('thread');
    const message = 'cannot patch resource "daemonsets" in API group "apps"';
    await expect.poll(() => world.condition('greeter', 'Placed')).toEqual(says('False WorkloadForbidden', message));
    await expect.poll(() => world.condition('thread', 'Placed')).toEqual(says('False WorkloadForbidden', message));
  });

  it('is told: a namespace that is not one of those for plugins', async () => {
    const world = await bench.world({ runnerPods: { namespaces: ['kube-public'] } });
    await world.createPlugin('greeter');
    await expect
      .poll(() => world.condition('greeter', 'Ready'))
      .toEqual(says('False NamespaceNotAllowed', 'plugins may have pods in kube-public'));
    expect(await world.daemonSet()).toBeUndefined();
  });
});

/** With a plugin of runtime Pod whose device is there. */
async function placedWorld(): Promise<{ readonly world: PlacementWorld; readonly node: string }> {
  const world = await bench.world();
  const node = await world.createNode();
  await world.createPlugin('greeter', { ...pod, ...keyboards });
  await world.plug(node);
  await expect.poll(() => world.condition('greeter', 'Placed')).toEqual(says('False PodsStarting'));
  return { world, node };
}
