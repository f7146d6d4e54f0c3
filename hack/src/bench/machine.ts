import { cpus, loadavg, release, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly processors: number;
  readonly memoryGigabytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly redis: string;
  /** Over the last minute, before the bench began. */
  readonly loadBefore: number;
  /** Largest receive buffer of a process without privileges, in bytes. */
  readonly receiveBufferLimit: number;
}

export function describeMachine(redisVersion: string): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    kernel: release(),
    node: process.version,
    redis: redisVersion,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    receiveBufferLimit: Number(readFileSync('/proc/sys/net/core/rmem_max', 'latin1')),
  };
}
