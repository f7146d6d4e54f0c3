import { closeRedis, createRedis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { Queue, Worker } from 'bullmq';

/**
 * One bare BullMQ hop: takes jobs of a queue, and adds each to the next queue, or to nothing. The product's own figures
 * are told as a ratio to two of these.
 *
 * node hop-process.ts <redis url> <queue> [<next queue>]
 */
const [redisUrl = '', from = '', to] = process.argv.slice(2);
const logger = createLogger({ name: 'bench-hop', level: 'fatal' });
const connection = createRedis({ url: redisUrl, name: 'bench-hop', logger, blocking: true });
const next = to === undefined ? undefined : new Queue(to, { connection });
/** As many as an executor takes at once, and as many ended ones kept as in a lane. */
const options = { connection, concurrency: 16, removeOnComplete: { age: 24 * 3600, count: 1_000 } };
const worker = new Worker(
  from,
  async ({ name, data, id }) => {
    await next?.add(name, data, id === undefined ? {} : { jobId: id });
  },
  options,
);
await worker.waitUntilReady();
process.on('message', () => undefined);
process.once('disconnect', () => void closeRedis(connection).finally(() => process.exit()));
process.send?.('ready');
