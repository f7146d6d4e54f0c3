export * from './probe-server.ts';
export { jsonReply, type Reply } from './probe-replies.ts';
export type { ReadinessCheck } from './readiness.ts';
