import { describe, expect, it } from 'vitest';
import { parseIntakeJob } from './intake-job.ts';

const plugin = { namespace: 'default', name: 'p' };

function refusal(name: string, data: unknown): string {
  try {
    parseIntakeJob(name, data);
  } catch (error) {
    return String(error);
  }
  return 'accepted';
}

describe('the data of a submitted job', () => {
  it('needs a plugin and has defaults for the rest', () => {
    expect(parseIntakeJob('plugin.job', { plugin })).toEqual({ plugin, exclusive: false, timeToLiveSeconds: 3600 });
    const full = { plugin, device: 'scanner', payload: { a: [1] }, exclusive: true, timeToLiveSeconds: 5 };
    expect(parseIntakeJob('plugin.job', full)).toEqual(full);
  });

  it.each(['agent.create', 'memory.vectorize', 'llm.batch', 'plugin.load', 'usb.attach'])(
    'is not looked at for %s, which nobody runs yet',
    (name) => {
      expect(refusal(name, { plugin })).toContain(`name is "${name}": not accepted yet`);
    },
  );

  it.each([
    [undefined, 'data is missing: give an object'],
    ['text', 'data is "text": give an object'],
    [{}, 'plugin is missing: give {"namespace"'],
    [{ plugin: { namespace: 'default' } }, 'plugin.name is missing: give a name'],
    [{ plugin: { namespace: 'default', name: 'P!' } }, 'plugin.name is "P!": give a Kubernetes name'],
    [{ plugin, devise: 'x' }, 'devise is "x": no such field is known'],
    [{ plugin, exclusive: 'yes' }, 'exclusive is "yes": give true or false'],
    [{ plugin, timeToLiveSeconds: 0 }, 'timeToLiveSeconds is 0: give at least 1'],
    [{ plugin, timeToLiveSeconds: 1.5 }, 'timeToLiveSeconds is 1.5: give whole seconds'],
    [{ plugin, payload: 'x'.repeat(65_536) }, 'give at most 65536 bytes of JSON'],
  ])('is refused with field, value and remedy: %j', (data, message) => {
    expect(refusal('plugin.job', data)).toContain(message);
  });

  it('is refused when it is nested so deep that nobody could write it again', () => {
    const nested: unknown = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000));
    const refusals = [{ plugin, payload: { a: nested } }, { plugin, extra: nested }, nested].map((data) =>
      refusal('plugin.job', data),
    );
    expect(refusals).toEqual([
      expect.stringContaining('payload is nested deeply: nest at most 64 levels'),
      expect.stringContaining('extra is nested deeply: no such field is known'),
      expect.stringContaining('data is nested deeply: give an object'),
    ]);
  });
});
