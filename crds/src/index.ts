// Nothing here may load ajv: the agent imports it, and memory on the node counts. Validators: @autoweave/crds/validators.
export * from './names.ts';
export * from './kube-types.ts';
export * from './generated/index.ts';
export * from './device-match.ts';
export * from './hotplug-event.ts';
export * from './hotplug-event-fields.ts';
export * from './job.ts';
export * from './bundle-digest.ts';
export * from './function-calls.ts';
export * from './queue-calls.ts';
export * from './function-library.ts';
export * from './runner-protocol.ts';
export * from './line-splitter.ts';
export * from './json-depth.ts';
export * from './error-codes.ts';
