import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricsRegistry } from './metrics-registry.ts';
import { autoweaveVersion } from './version.ts';

/** Coarse on purpose: every tick wakes an idle process. */
const lagResolutionMilliseconds = 100;

export function registerProcessMetrics(registry: MetricsRegistry): void {
  registerBuildInfo(registry);
  registerMemoryAndCpu(registry);
  registerEventLoopLag(registry);
}

function registerBuildInfo(registry: MetricsRegistry): void {
  registry
    .gauge({
      name: 'autoweave_build_info',
      help: 'Always 1; the labels tell what runs.',
      labels: ['version', 'node_version'],
    })
    .set(1, { version: autoweaveVersion, node_version: process.version });
  registry
    .gauge({ name: 'process_start_time_seconds', help: 'Start of the process, seconds since 1970.' })
    .set(Math.round(Date.now() / 1000 - process.uptime()));
}

function registerMemoryAndCpu(registry: MetricsRegistry): void {
  const resident = registry.gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory.' });
  const heap = registry.gauge({ name: 'nodejs_heap_size_used_bytes', help: 'Used part of the JavaScript heap.' });
  const files = registry.gauge({ name: 'process_open_fds', help: 'Open file descriptors; absent outside Linux.' });
  const cpu = registry.counter({ name: 'process_cpu_seconds_total', help: 'User and system CPU time.' });
  let countedMicroseconds = 0;
  registry.onRender(() => {
    resident.set(process.memoryUsage.rss());
    heap.set(process.memoryUsage().heapUsed);
    const { user, system } = process.cpuUsage();
    cpu.add(Math.max(0, user + system - countedMicroseconds) / 1e6);
    countedMicroseconds = user + system;
    const open = openFiles();
    if (open === undefined) files.remove();
    else files.set(open);
  });
}

function registerEventLoopLag(registry: MetricsRegistry): void {
  const lag = registry.gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'Longest delay of the event loop since it was read last.',
  });
  const delay = monitorEventLoopDelay({ resolution: lagResolutionMilliseconds });
  delay.enable();
  registry.onRender(() => {
    // The histogram counts from tick to tick, so the resolution itself is part of every value.
    const nanoseconds = delay.count === 0 ? 0 : delay.max - lagResolutionMilliseconds * 1e6;
    lag.set(Math.max(0, nanoseconds) / 1e9);
    delay.reset();
  });
}

function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
