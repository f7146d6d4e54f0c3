import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.ts';

describe('the command line of the cluster', () => {
  it('asks for both nodes, no simulated ones and the images of the repository by default', () => {
    const images = undefined;
    expect(parseCommandLine(['up'])).toEqual({ name: 'up', nodes: ['host', 'usb'], kwokNodes: 0, images });
  });

  it('asks for fewer nodes, simulated nodes and other images', () => {
    const parameters = ['up', '--nodes=host', '--kwok-nodes=1000', '--image=/a.tar', '--image=/b.tar'];
    const images = ['/a.tar', '/b.tar'];
    expect(parseCommandLine(parameters)).toEqual({ name: 'up', nodes: ['host'], kwokNodes: 1_000, images });
  });

  it('plugs a device with what is told of it, and nothing else', () => {
    expect(parseCommandLine(['plug', 'usb-kbd', '--serial=K1'])).toEqual({
      name: 'plug',
      device: { driver: 'usb-kbd', serial: 'K1' },
    });
  });

  it('shows help when asked, or when nothing is asked', () => {
    expect(parseCommandLine([])).toEqual({ name: 'help' });
    expect(parseCommandLine(['up', '--help'])).toEqual({ name: 'help' });
  });

  it.each([
    [['fly'], /there is no command fly/],
    [['up', '--nodes=host,moon'], /--nodes has moon; accepted are host, usb/],
    [['up', '--nodes=usb'], /--nodes must have host/],
    [['up', '--kwok-nodes=many'], /--kwok-nodes is many; accepted is a number from 0 to 9999/],
    [['status', '--output=xml'], /--output is xml; accepted are table, json/],
    [['plug'], /plug needs DRIVER/],
    [['unplug'], /unplug needs ID/],
    [['up', '--speed=9'], /--speed/],
  ])('says what is wrong with %j', (parameters, message) => {
    expect(() => parseCommandLine(parameters)).toThrow(message);
  });
});
