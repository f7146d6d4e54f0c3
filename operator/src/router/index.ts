export { LaneWindows } from './lane-windows.ts';
export { QueuePool } from './queue-pool.ts';
export { RedisJobLanes } from './redis-job-lanes.ts';
export { RedisWaitingRooms } from './redis-waiting-rooms.ts';
export { pluginVerdict } from './plugin-verdict.ts';
export { RoomDepths } from './room-depths.ts';
export { Router } from './router.ts';
