// Generated from crds/manifests by `npm run generate`; do not edit.

export * from './auto-weave-plugin.ts';
export * from './auto-weave-policy.ts';
export * from './usb-device.ts';
export * from './usb-node.ts';
export * from './resources.ts';
