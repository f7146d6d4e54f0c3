import { AutoWeaveError } from '@autoweave/platform/errors';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ScannedDevice, ScanResult, UsbSource } from '../../ports.ts';
import type { NodeUsbReply, NodeUsbRequest } from './node-usb-child.ts';

/** A NodeUsbSource in a process with a `/sys` of its own: the path that npm `usb` reads cannot be changed. */
export class NodeUsbProcess implements UsbSource {
  readonly name = 'node-usb';
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (reply: NodeUsbReply) => void>();
  #count = 0;

  constructor() {
    const script = 'mount -t tmpfs none /sys && exec "$0" "$1"';
    const file = new URL('./node-usb-child.ts', import.meta.url).pathname;
    this.#child = spawn('unshare', ['-Urm', 'sh', '-c', script, process.execPath, file], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('exit', () => this.#ended());
    this.#child.on('message', (reply: NodeUsbReply) => {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  /** Answers whoever still waits: the process is gone. */
  #ended(): void {
    for (const [id, resolve] of this.#waiting) {
      resolve({ id, error: { code: undefined, message: 'the process ended' } });
    }
  }

  async scan(signal: AbortSignal): Promise<ScanResult> {
    signal.throwIfAborted();
    const devices = (await this.ask({ type: 'scan' })) as ScannedDevice[];
    return { devices, unreadable: new Map() };
  }

  async read(sysfsName: string): Promise<ScannedDevice | undefined> {
    return (await this.ask({ type: 'read', sysfsName })) as ScannedDevice | undefined;
  }

  async ask(request: NodeUsbRequest): Promise<unknown> {
    this.#count += 1;
    const id = this.#count;
    const reply = await new Promise<NodeUsbReply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, request });
    });
    if (reply.error) {
      const { code, message } = reply.error;
      throw code === 'AW_USB_UNAVAILABLE' ? new AutoWeaveError(code, message) : new Error(message);
    }
    return reply.value;
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
