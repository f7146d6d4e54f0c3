import { z } from 'zod';
import type { DeviceInventory } from '../ports.ts';

const answerMilliseconds = 2000;
const longestAnswer = 4 * 1024 * 1024;

const devicesSchema = z.array(z.object({ name: z.string(), present: z.boolean() }));

/** Asks the agent of this node: `GET /devices`, `[{"name": …, "present": true, …}, …]`. */
export class HttpDeviceInventory implements DeviceInventory {
  readonly #url: URL;

  /** @param agentUrl e.g. `http://127.0.0.1:8081` */
  constructor(agentUrl: string) {
    this.#url = new URL('/devices', agentUrl);
  }

  async holds(deviceName: string): Promise<boolean> {
    const response = await fetch(this.#url, { signal: AbortSignal.timeout(answerMilliseconds) });
    const text = await response.text();
    if (!response.ok) throw new Error(`the agent answered ${response.status} at ${this.#url.href}`);
    if (text.length > longestAnswer) throw new Error(`the agent answered ${text.length} characters`);
    const devices = devicesSchema.parse(JSON.parse(text));
    return devices.some(({ name, present }) => present && name === deviceName);
  }
}
