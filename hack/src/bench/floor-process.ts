import { NetlinkSocket } from '@autoweave/node-agent/testing';
import { createRedis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';

/**
 * The floor: what a uevent on its way to a consumer costs when nothing is done with it. Reads the socket, picks three
 * values out of the text and adds an entry as long as the agent's.
 *
 * node floor-process.ts <redis url> <stream>
 */
const [redisUrl = '', stream = ''] = process.argv.slice(2);
const redis = createRedis({
  url: redisUrl,
  name: 'bench-floor',
  logger: createLogger({ name: 'floor', level: 'fatal' }),
});
const socket = new NetlinkSocket({ groups: 1, longestMessage: 8192 });
socket.setReceiveBuffer(16 * 1024 * 1024);

/** With the fields this makes an entry of the agent's size, about 1 kB. */
const padding = 'x'.repeat(900);

socket.onReadable(() => {
  for (let received = socket.receive(); received !== undefined; received = socket.receive()) {
    if (received === 'overflow') continue;
    const text = received.message.toString('latin1');
    if (!text.includes('\0SUBSYSTEM=usb\0')) continue;
    const value = (key: string) => text.slice(text.indexOf(`\0${key}=`) + key.length + 2).split('\0', 1)[0] ?? '';
    const fields = ['action', value('ACTION'), 'device', value('DEVPATH'), 'address', value('DEVNUM')];
    void redis.xadd(stream, '*', ...fields, 'padding', padding);
  }
});
await redis.ping();
process.send?.('ready');
