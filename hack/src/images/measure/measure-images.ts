import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textTable } from '../../bench/text-table.ts';
import { startControlPlane } from '../../testing/control-plane.ts';
import { startRedisServer } from '../../testing/redis-server.ts';
import { toolContext } from '../../tools/index.ts';
import { buildImages, type BuildOptions } from '../build-images.ts';
import { emitProduct } from '../emit/emit-product.ts';
import { bytesAbove, readImageArchive } from '../image-archive.ts';
import { megabytes } from '../megabytes.ts';
import { measureProcess, type ProcessFigures } from './measure-process.ts';
import { measuredProcesses } from './measured-processes.ts';

/** Prints sizes, times from start to ready, and memory of what is in the images. */
export async function measureImages(options: BuildOptions): Promise<void> {
  console.log(await sizes(options));
  console.log(`\n${figuresTable(await processFigures(options))}`);
}

async function sizes(options: BuildOptions): Promise<string> {
  const { base, product } = await buildImages(options);
  if (base.archive === undefined) return 'No base, so no sizes above it';
  const below = await readImageArchive(base.archive);
  const added = await Promise.all(product.map(async ({ path }) => bytesAbove(await readImageArchive(path), below)));
  const rows = product.map(({ reference }, index) => [reference, megabytes(added[index] ?? 0)]);
  rows.push(['all', megabytes(added.reduce((sum, bytes) => sum + bytes, 0))]);
  return textTable(['ABOVE THE BASE', 'SIZE'], rows);
}

/** From the emitted files, as an image has them, against a real API server and a real Redis. */
async function processFigures({ context = toolContext() }: BuildOptions): Promise<ProcessFigures[]> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-measure-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const source = { version: '0.0.0', revision: undefined, epoch: 0 };
  const { architecture } = context.platform;
  await emitProduct({ context, architecture, source, directory: join(directory, 'emitted') });
  const plane = await startControlPlane();
  stack.defer(() => plane.stop());
  const redis = await startRedisServer();
  stack.defer(() => redis.stop());

  const servers = { KUBECONFIG: plane.kubeconfigPath, REDIS_URL: redis.url, LOG_LEVEL: 'warn' };
  const figures: ProcessFigures[] = [];
  for (const measured of await measuredProcesses(directory)) figures.push(await measureProcess(measured, servers));
  return figures;
}

function figuresTable(figures: readonly ProcessFigures[]): string {
  const rows = figures.map(({ name, coldSeconds, warmSeconds, cpuSeconds, resident }) => [
    name,
    `${coldSeconds.toFixed(2)} s`,
    `${warmSeconds.toFixed(2)} s`,
    `${cpuSeconds.toFixed(2)} s`,
    `${resident.resident.toFixed(1)} MB`,
    `${resident.anonymous.toFixed(1)} MB`,
  ]);
  return textTable(['PROCESS', 'READY, FIRST', 'READY, WARM', 'CPU', 'RESIDENT', 'OF IT ANONYMOUS'], rows);
}
