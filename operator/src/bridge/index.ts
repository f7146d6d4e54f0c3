export { AttachedDevices } from './attached-devices.ts';
export { Bridge } from './bridge.ts';
export { isListening } from './match-plugins.ts';
