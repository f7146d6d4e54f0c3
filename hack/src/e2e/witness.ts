import type { JobResult } from '@autoweave/crds';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { PluginLab } from './plugin-lab.ts';
import { onAttach, pluginNamespace, samplePlugin } from './sample-plugin.ts';

const witness = 'witness';
const patience = { timeout: 60_000, interval: 200 };

/**
 * A lab for the tests of a file, with a good plugin that runs beside whatever they do. After each test all devices
 * leave, and the good plugin must have been told of each that came and went, and nobody wait any more.
 */
export function labWithWitness(): { readonly current: PluginLab } {
  let lab: PluginLab | undefined;
  const use = {
    get current(): PluginLab {
      if (lab === undefined) throw new Error('The lab has not started');
      return lab;
    },
  };
  beforeAll(async () => {
    lab = await PluginLab.start();
    await lab.permit(pluginNamespace);
    await lab.apply(samplePlugin({ name: witness, code: onAttach('return { came: event.device.name };') }));
    await vi.waitFor(async () => expect(await use.current.standing(witness)).toContain('Running'), patience);
  });
  afterEach(async () => {
    const { world } = use.current;
    await world.unplugAll();
    await vi.waitFor(async () => {
      const results = await use.current.resultsOf(witness);
      expect(devicesOf(results, 'usb.attach')).toEqual(world.seen.toSorted());
      expect(devicesOf(results, 'usb.detach')).toEqual(world.seen.toSorted());
      expect(await use.current.occupiedRooms()).toEqual([]);
    }, patience);
    await use.current.removeAllBut(witness);
  });
  afterAll(async () => {
    await lab?.stop();
  });
  return use;
}

function devicesOf(results: readonly JobResult[], type: JobResult['type']): readonly string[] {
  const good = results.filter((result) => result.type === type && result.state === 'Succeeded');
  return good.map(({ deviceName = '' }) => deviceName).toSorted();
}
