export * from './names.ts';
export * from './hotplug-event.ts';
export * from './job.ts';
export * from './runner-protocol.ts';
export * from './error-codes.ts';
