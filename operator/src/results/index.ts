export { RedisJobRecords } from './redis-job-records.ts';
export { RedisResultStore } from './redis-result-store.ts';
export { ResultConsumer } from './result-consumer.ts';
export { ResultEventWriter } from './result-event-writer.ts';
