export { definePlugin } from './define-plugin.ts';
export type { Json, JsonObject } from './json.ts';
export type { DeviceInfo, HotplugEvent, UsbDescriptor, UsbInterface } from './device.ts';
export type { Context, DeviceContext, JobContext, Log, Store, StoreError } from './context.ts';
export type { Job, Plugin } from './plugin.ts';
