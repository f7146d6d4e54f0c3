import { UeventInjector } from '@autoweave/node-agent/testing';
import { stagedDevice } from '../system/staged-device.ts';
import { monotonicMilliseconds, sleepUntil } from './clock.ts';
import { answerRequests } from './helper-process.ts';
import type { ScheduledEvent } from './schedule.ts';
import { SysfsStage } from '../system/sysfs-stage.ts';

export interface InjectRequest {
  readonly sysfsRoot: string;
  readonly events: readonly ScheduledEvent[];
}

export interface InjectReply {
  /** Milliseconds of CLOCK_MONOTONIC of the start of the schedule. */
  readonly startedAt: number;
  /** How late each event was sent, in milliseconds. */
  readonly lateness: readonly number[];
}

/** Plugs and unplugs by schedule: open loop, so whoever is slow falls behind alone. Nothing else runs here. */
function inject({ sysfsRoot, events }: InjectRequest): InjectReply {
  const stage = new SysfsStage(sysfsRoot);
  const injector = new UeventInjector();
  const lateness: number[] = [];
  const startedAt = monotonicMilliseconds() + 50;
  for (const { dueAt, action, port, address } of events) {
    const device = stagedDevice(port, address);
    // As the kernel does: it is in the tree, or gone from it, before anybody is told.
    if (action === 'attach') stage.attach(device);
    else stage.detach(device);
    sleepUntil(startedAt + dueAt);
    lateness.push(monotonicMilliseconds() - startedAt - dueAt);
    injector.send(action === 'attach' ? 'add' : 'remove', device);
  }
  injector.close();
  return { startedAt, lateness };
}

answerRequests(inject);
