import type { WebUSB } from 'usb';
import type { UsbEdgeListener, UsbEdgeSource } from '../ports.ts';
import { assertTree, loadUsb } from './node-usb-source.ts';

/**
 * Hints from the connect and disconnect events of npm `usb`. Never more than hints: on Linux it hears udevd only, in the
 * network namespace of the host only, and loses events in bursts (kevinmehall/nusb#211, open with usb 3.1.0).
 */
export class NodeUsbHints implements UsbEdgeSource {
  readonly name = 'node-usb';
  readonly edgesAs = undefined;
  #usb: WebUSB | undefined;
  #onChange: ((event: Event) => void) | undefined;

  /** @throws AutoWeaveError AW_USB_UNAVAILABLE when there is no USB tree: `usb` would end the process. */
  async start(listener: UsbEdgeListener): Promise<void> {
    await this.stop();
    assertTree();
    const usb = await loadUsb();
    const onChange = (event: Event) => listener.hint(`npm usb told ${event.type}`);
    usb.addEventListener('connect', onChange);
    usb.addEventListener('disconnect', onChange);
    this.#usb = usb;
    this.#onChange = onChange;
  }

  async stop(): Promise<void> {
    if (this.#onChange) {
      this.#usb?.removeEventListener('connect', this.#onChange);
      this.#usb?.removeEventListener('disconnect', this.#onChange);
    }
    this.#onChange = undefined;
    this.#usb = undefined;
  }

  async barrier(): Promise<void> {
    // It tells no edges that could be under way.
  }
}
