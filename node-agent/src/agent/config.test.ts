import { describe, expect, it } from 'vitest';
import { loadAgentConfig } from './config.ts';

function load(...argv: string[]) {
  return loadAgentConfig({ env: { NODE_NAME: 'edge-1' }, argv });
}

describe('the settings of the agent', () => {
  it('have defaults for everything but what the environment knows', () => {
    expect(load()).toMatchObject({ nodeName: 'edge-1', usbSource: 'auto', probeHost: '127.0.0.1', writeBurst: 50 });
  });

  it('come from flags before variables', () => {
    const env = { NODE_NAME: 'edge-1', AW_USB_SOURCE: 'kernel', REDIS_URL: 'redis://one:6379' };
    const config = loadAgentConfig({ env, argv: ['--usb-source=simulated'] });
    expect(config).toMatchObject({ usbSource: 'simulated', redisUrl: 'redis://one:6379' });
  });

  it('read filters by vendor, product and class', () => {
    expect(load('--allow-devices=046d, 046d:c31c,class=03').allowDevices).toEqual([
      { vendorId: '046d' },
      { vendorId: '046d', productId: 'c31c' },
      { deviceClass: '03' },
    ]);
    expect(load('--deny-devices=').denyDevices).toEqual([]);
  });

  it.each([
    ['--allow-devices=46d', 'expected 046d, 046d:c31c or class=03'],
    ['--node-name=Edge_1', 'expected the name of a node'],
    [`--node-name=${'a'.repeat(108)}`, 'expected at most 107 characters'],
    ['--usb-source=magic', 'expected one of auto, kernel, node-usb, simulated'],
  ])('refuse %s and say what is accepted', (flag, reason) => {
    expect(() => load(flag)).toThrow(expect.objectContaining({ code: 'AW_CONFIG_INVALID' }));
    expect(() => load(flag)).toThrow(reason);
  });
});
