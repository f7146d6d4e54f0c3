export { usbDeviceController, type UsbDeviceControllerOptions } from './usb-device-controller.ts';
