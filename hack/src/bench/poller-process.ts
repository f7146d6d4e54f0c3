import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRedis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';

/**
 * What most do today: list the devices every few seconds and tell the difference (Akri's udev handler each 10 s,
 * generic-device-plugin each 5 s).
 *
 * node poller-process.ts <redis url> <stream> <sysfs root> <seconds>
 */
const [redisUrl = '', stream = '', sysfsRoot = '', seconds = '10'] = process.argv.slice(2);
const redis = createRedis({
  url: redisUrl,
  name: `bench-${stream}`,
  logger: createLogger({ name: 'poller', level: 'fatal' }),
});
const list = join(sysfsRoot, 'bus/usb/devices');
let known = enumerate();

function enumerate(): Map<string, string> {
  const devices = new Map<string, string>();
  for (const name of readdirSync(list)) {
    try {
      devices.set(name, readFileSync(join(list, name, 'devnum'), 'latin1').trim());
    } catch {
      // Gone since it was listed.
    }
  }
  return devices;
}

async function poll(): Promise<void> {
  const before = known;
  known = enumerate();
  for (const [device, address] of before) {
    if (known.get(device) !== address)
      await redis.xadd(stream, '*', 'action', 'remove', 'device', device, 'address', address);
  }
  for (const [device, address] of known) {
    if (before.get(device) !== address)
      await redis.xadd(stream, '*', 'action', 'add', 'device', device, 'address', address);
  }
}

setInterval(() => void poll(), Number(seconds) * 1000);
await redis.ping();
process.send?.('ready');
