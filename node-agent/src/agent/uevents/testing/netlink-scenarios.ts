import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ScannedDevice, UsbEdge } from '../../ports.ts';
import { recordedDevices } from '../../sources/recorded-devices.ts';
import { linux, loadLibc } from '../libc.ts';
import { NetlinkEdgeSource, type NetlinkEdgeSourceOptions } from '../netlink-edge-source.ts';
import { netlinkAddress } from '../netlink-socket.ts';
import { UeventInjector } from './uevent-injector.ts';
import { ueventText } from './uevent-message.ts';

/** What a scenario heard. */
export interface Heard {
  readonly edges: string[];
  readonly changed: string[];
  readonly overflows: number;
  readonly failures: string[];
  readonly receiveBufferBytes: number;
  readonly stopMilliseconds: number;
}

type Work = (injector: UeventInjector, source: NetlinkEdgeSource) => Promise<void> | void;

/** Room that one of these events takes in the kernel, rounded up. */
const eventBytes = 838;

const [keyboard, mouse] = recordedDevices as [ScannedDevice, ScannedDevice];

/** Listens while `work` makes the kernel tell things, up to the barrier that follows it. */
async function hear(work: Work, options?: NetlinkEdgeSourceOptions): Promise<Heard> {
  const source = new NetlinkEdgeSource(options);
  const edges: UsbEdge[] = [];
  const changed: string[] = [];
  const failures: string[] = [];
  let overflows = 0;
  await source.start({
    edge: (edge) => edges.push(edge),
    changed: (sysfsName) => changed.push(sysfsName),
    hint: () => undefined,
    overflow: () => (overflows += 1),
    failed: (error) => failures.push(error.message),
  });
  const injector = new UeventInjector();
  await work(injector, source);
  injector.close();
  await source.barrier();
  const { receiveBufferBytes } = source;
  const before = performance.now();
  await source.stop();
  const stopMilliseconds = performance.now() - before;
  const inOrder = edges.every(
    (edge, index) => index === 0 || edge.kernelSequence > (edges[index - 1]?.kernelSequence ?? 0n),
  );
  const texts = edges.map(({ action, sysfsName, deviceAddress }) => `${action} ${sysfsName} ${deviceAddress}`);
  return {
    edges: inOrder ? texts : ['out of order'],
    changed,
    overflows,
    failures,
    receiveBufferBytes,
    stopMilliseconds,
  };
}

function burst(injector: UeventInjector, count: number): void {
  for (let index = 0; index < count; index += 1) {
    injector.send(index % 2 === 0 ? 'add' : 'remove', { ...keyboard, deviceAddress: (index % 127) + 1 });
  }
}

function injectElsewhere(): Promise<unknown> {
  return promisify(execFile)(process.execPath, [import.meta.filename, 'inject'], { maxBuffer: Infinity });
}

/** To the group itself, as any process with CAP_NET_ADMIN may, instead of through the kernel. */
function forge(device: ScannedDevice): void {
  const libc = loadLibc();
  const descriptor = libc.socket(linux.AF_NETLINK, linux.SOCK_RAW, linux.NETLINK_KOBJECT_UEVENT);
  const message = Buffer.from(`${ueventText('add', device)}SEQNUM=99999999\0`);
  const sent = libc.sendto(descriptor, message, message.length, 0, netlinkAddress({ portId: 0, groups: 1 }), 12);
  libc.close(descriptor);
  if (Number(sent) !== message.length) {
    throw new Error('The forged message was not sent');
  }
}

const scenarios: Readonly<Record<string, () => Promise<Heard>>> = {
  tells: () =>
    hear((injector) => {
      injector.send('add', keyboard);
      injector.send('bind', keyboard);
      injector.send('add', mouse);
      injector.send('remove', keyboard);
      injector.send('add', keyboard, { SUBSYSTEM: 'net' });
      injector.send('add', { ...keyboard, devicePath: '/devices/usb1', sysfsName: 'usb1' });
    }),
  forged: () =>
    hear((injector) => {
      forge(keyboard);
      injector.send('add', mouse);
    }),
  /** As many at once as the buffer holds: all of them where the kernel grants 16 MiB. */
  burst: () =>
    hear(async (injector, source) => {
      const atOnce = Math.floor(source.receiveBufferBytes / eventBytes / 2) * 2;
      for (let left = 20_000; left > 0; left -= atOnce) {
        burst(injector, Math.min(left, atOnce));
        await source.barrier();
      }
    }),
  /** More processes than cores tell at once, so that the listener cannot always run, with the least buffer there is. */
  overflow: () =>
    hear(
      async () => {
        await Promise.all(Array.from({ length: availableParallelism() * 2 }, injectElsewhere));
      },
      { receiveBufferBytes: 1 },
    ),
  inject: () => hear((injector) => burst(injector, 20_000)),
  restarts: async () => {
    await hear((injector) => injector.send('add', keyboard));
    return await hear((injector) => injector.send('add', mouse));
  },
  idle: () => hear(() => delay(50)),
};

const scenario = scenarios[process.argv[2] ?? ''];
if (!scenario) {
  throw new Error(`Unknown scenario ${process.argv[2] ?? ''}`);
}
process.stdout.write(JSON.stringify(await scenario()));
