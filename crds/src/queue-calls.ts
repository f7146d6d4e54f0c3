import type { FunctionCall } from './function-calls.ts';

/**
 * What the router asks of waiting rooms and lanes, which are BullMQ queues: functions in crds/functions/autoweave.lua
 * that know the layout of BullMQ 6, and do in one command what its own do in one for every job.
 */

/** @param queue e.g. `room-device-x`; part e.g. `wait`, or the id of a job */
export function queueKey(queue: string, part: string): string {
  return `bull:${queue}:${part}`;
}

/** What a room holds of a job: its JSON, and what the router noted with it, or ''. */
export interface RoomRow {
  readonly job: string;
  readonly note: string;
}

/** Answers the oldest `limit` jobs of a queue without a Worker, and how many it holds; read by `parseRoomHead`. */
export function roomReadCall(room: string, limit: number): FunctionCall {
  return { function: 'aw_room_read', keys: [queueKey(room, 'wait')], arguments: [queueKey(room, ''), String(limit)] };
}

export function parseRoomHead(reply: unknown): { readonly size: number; readonly rows: readonly RoomRow[] } {
  const [size, ...flat] = reply as [size: number, ...flat: string[]];
  const rows: RoomRow[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    rows.push({ job: flat[index] ?? '', note: flat[index + 1] ?? '' });
  }
  return { size, rows };
}

/** Notes something with a job, unless the room no longer holds it. */
export function roomNoteCall(room: string, id: string, note: string): FunctionCall {
  return { function: 'aw_room_note', keys: [queueKey(room, id)], arguments: [note] };
}

/** Takes jobs out; answers how many the room still holds. */
export function roomRemoveCall(room: string, ids: readonly string[]): FunctionCall {
  return { function: 'aw_room_remove', keys: [queueKey(room, 'wait')], arguments: [queueKey(room, ''), ...ids] };
}

/** How far a job in a lane is. */
export interface LaneRow {
  readonly state: 'waiting' | 'running' | 'ended';
  /** Name of the Worker that took it last; '' when none did. */
  readonly takenBy: string;
  /** '' unless it failed. */
  readonly failure: string;
}

/** Answers how far these jobs are; read by `parseLaneRows`. */
export function laneFindCall(lane: string, ids: readonly string[]): FunctionCall {
  return { function: 'aw_lane_find', keys: [queueKey(lane, 'active')], arguments: [queueKey(lane, ''), ...ids] };
}

/** One each; undefined for what the lane does not know. */
export function parseLaneRows(reply: unknown): readonly (LaneRow | undefined)[] {
  return (reply as [state: '' | LaneRow['state'], takenBy: string, failure: string][]).map(
    ([state, takenBy, failure]) => (state === '' ? undefined : { state, takenBy, failure }),
  );
}
