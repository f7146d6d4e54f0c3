import type { AutoWeavePlugin, UsbDevice, WaitingJob } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { joinKey } from '@autoweave/platform/kube';
import { newTraceparent } from '@autoweave/platform/telemetry';
import type { Clock } from '../ports.ts';
import type { JobRecords, WaitingRooms } from '../router/ports.ts';
import { roomOf } from '../router/room-name.ts';
import { invalidJob, parseIntakeJob, type IntakeJob } from './intake-job.ts';

export interface AdmissionPorts {
  readonly rooms: WaitingRooms;
  readonly records: JobRecords;
  readonly plugin: (key: string) => AutoWeavePlugin | undefined;
  /** By name or alias. */
  readonly device: (nameOrAlias: string) => UsbDevice | undefined;
  readonly wake: (room: string) => void;
  readonly clock: Clock;
}

export interface Submission {
  /** Queue of the open door. */
  readonly queue: string;
  /** Id of the job there. */
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** What a client finds as the return value of its job. */
export interface Admission {
  /** The id under which the job waits, runs, and has its record. */
  readonly jobId: string;
  readonly room: string;
  /** A job of this id has had its result within the last 24 h; it does not run again. */
  readonly duplicate?: true;
}

const maxIdLength = 200;
const maxRoomSize = 1_000;

/**
 * Lets a submitted job into its waiting room, once, however often the submission is tried.
 *
 * @throws AutoWeaveError AW_JOB_INVALID, AW_JOB_REFUSED
 */
export async function admit(submission: Submission, ports: AdmissionPorts): Promise<Admission> {
  const job = waitingJob(submission, parseIntakeJob(submission.name, submission.data), ports);
  const room = roomOf(job);
  if (await ports.records.has(job.id)) return { jobId: job.id, room, duplicate: true };
  if ((await ports.rooms.size(room)) >= maxRoomSize) {
    throw new AutoWeaveError('AW_JOB_REFUSED', `${room} holds ${maxRoomSize} jobs already`);
  }
  await ports.rooms.add(new Map([[room, [job]]]));
  ports.wake(room);
  return { jobId: job.id, room };
}

function waitingJob(submission: Submission, job: IntakeJob, ports: AdmissionPorts): WaitingJob {
  const plugin = ports.plugin(joinKey(job.plugin));
  if (plugin === undefined) {
    throw invalidJob('plugin', job.plugin, 'there is no such AutoWeavePlugin; create it first');
  }
  const now = ports.clock.now();
  return {
    id: admittedId(submission),
    type: 'plugin.job',
    plugin: job.plugin,
    pluginUid: plugin.metadata.uid ?? '',
    ...(job.device === undefined ? {} : { deviceName: deviceName(job.device, ports) }),
    exclusive: job.exclusive,
    ...(job.payload === undefined ? {} : { payload: job.payload }),
    createdAt: now,
    expiresAt: now + job.timeToLiveSeconds * 1000,
    traceparent: newTraceparent(),
  };
}

function deviceName(nameOrAlias: string, ports: AdmissionPorts): string {
  const device = ports.device(nameOrAlias);
  if (device === undefined) throw invalidJob('device', nameOrAlias, 'no UsbDevice has this name or alias');
  return device.metadata.name;
}

/** A client's own id stays; the number that BullMQ gives otherwise is unique only within the queue, and no id of a room. */
function admittedId({ queue, id }: Submission): string {
  if (/^\d+$/.test(id)) return `${queue}-${id}`;
  if (id.length > maxIdLength) throw invalidJob('jobId', id, `give at most ${maxIdLength} characters`);
  return id;
}
