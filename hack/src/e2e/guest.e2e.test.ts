import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Guest, startGuest } from '../guest/index.ts';
import { hostAddressInGuest } from '../testing/index.ts';

describe('a guest', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await startGuest();
  });
  afterAll(async () => {
    await guest?.stop();
  });

  /** The value of an attribute of every USB device that has it, sorted. */
  const usbAttributes = async (attribute: string): Promise<string[]> => {
    const { stdout } = await guest.exec(['sh', '-c', `cat /sys/bus/usb/devices/*/${attribute}`]);
    return stdout.split('\n').filter((line) => line !== '');
  };

  it('sees a keyboard come and go', async () => {
    const id = await guest.plug({ driver: 'usb-kbd', serial: 'KBD-1' });
    await expect.poll(() => usbAttributes('product')).toContain('QEMU USB Keyboard');
    expect(await usbAttributes('serial')).toContain('KBD-1');
    await guest.unplug(id);
    await expect.poll(() => usbAttributes('product')).not.toContain('QEMU USB Keyboard');
  });

  it('sees a stick, a serial adapter and a device behind a hub, in the ports they were put in', async () => {
    const plugged = [
      await guest.plug({ driver: 'usb-storage', bus: 'usb0.0', port: '4', serial: 'STICK-1' }),
      await guest.plug({ driver: 'usb-serial', bus: 'usb0.0', port: '5', serial: 'LINE-1' }),
      await guest.plug({ driver: 'usb-hub', bus: 'usb1.0', port: '2' }),
      await guest.plug({ driver: 'usb-mouse', bus: 'usb1.0', port: '2.3', serial: 'MOUSE-1' }),
    ];
    await expect.poll(() => usbAttributes('serial')).toEqual(expect.arrayContaining(['STICK-1', 'LINE-1', 'MOUSE-1']));
    expect(await usbAttributes('devpath')).toEqual(expect.arrayContaining(['4', '5', '2.3']));
    await expect.poll(() => guest.exec(['test', '-b', '/dev/sda'])).toMatchObject({ exit: 0 });
    for (const id of plugged.toReversed()) await guest.unplug(id);
    await expect.poll(() => usbAttributes('serial')).not.toContain('STICK-1');
  });

  it('refuses a port that is taken, and leaves nothing behind', async () => {
    const taken = { driver: 'usb-storage', bus: 'usb0.0', port: '9', id: 'first' };
    await guest.plug(taken);
    await expect(guest.plug({ ...taken, id: 'second' })).rejects.toThrow('port 9');
    await guest.plug({ ...taken, id: 'second', port: '10' });
    await guest.unplug('first');
    await guest.unplug('second');
  });

  it('runs a command with environment and input, and tells how it ended', async () => {
    const script = 'cat; echo "$GREETING" >&2; exit 3';
    const result = await guest.exec(['sh', '-c', script], { environment: { GREETING: 'grüß' }, input: 'größer\n' });
    expect(result).toEqual({ exit: 3, stdout: 'größer\n', stderr: 'grüß\n' });
    expect(await guest.exec(['no-such-command'])).toMatchObject({ exit: 127 });
  });

  it('takes files', async () => {
    await guest.writeFile('/tmp/greeting', 'größer\n');
    expect(await guest.exec(['cat', '/tmp/greeting'])).toMatchObject({ stdout: 'größer\n' });
    await expect(guest.writeFile('/autoweave/file', '')).rejects.toThrow('Read-only');
  });

  it('kills a command that was started', async () => {
    const command = guest.start(['sh', '-c', 'echo started; exec sleep 600']);
    await expect.poll(() => command.output.stdout).toBe('started\n');
    command.kill();
    expect(await command.result).toMatchObject({ exit: 137 });
  });

  it('reaches the loopback interface of the host, and is reached through a forwarded port', async () => {
    const server = createServer((_request, response) => response.end('from the host'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://${hostAddressInGuest}:${(server.address() as AddressInfo).port}`;
    const relay = `require('node:http').createServer(async (_, r) => r.end(await (await fetch('${url}')).text())).listen(9000)`;
    const command = guest.start(['node', '--eval', relay]);
    onTestFinished(() => command.kill());
    const port = await guest.forward(9_000);
    const answer = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}`)).text();
    await expect.poll(() => answer().catch(() => '')).toBe('from the host');
  });

  it('leaves nobody waiting when it stops, also the second time', async () => {
    const { result } = guest.start(['sleep', '600']);
    await guest.stop();
    await guest.stop();
    await expect(result).rejects.toThrow('ended the connection');
    await expect(guest.plug({ driver: 'usb-kbd' })).rejects.toThrow('closed the monitor connection');
  });
});
