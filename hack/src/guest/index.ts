export { type Guest, type GuestOptions, startGuest } from './guest.ts';
export { GuestCommand, type GuestCommandOptions, type GuestCommandResult } from './guest-command.ts';
export { QmpClient, QmpError, type QmpEvent } from './qmp-client.ts';
export { type UsbPlug } from './usb-devices.ts';
