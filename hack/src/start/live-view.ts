import { redisKeys, resources, type AutoWeavePlugin, type JobResult, type UsbDevice } from '@autoweave/crds';
import { Informer, type KubeClient } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { MetricsRegistry, type Logger } from '@autoweave/platform/telemetry';
import { deviceText, eventText, line, pluginText, resultText } from './live-lines.ts';
import { StreamTail } from './stream-tail.ts';

export interface LiveViewOptions {
  readonly client: KubeClient;
  readonly redisUrl: string;
  readonly logger: Logger;
  readonly print: (line: string) => void;
  /** Of a hook of a plugin; loads and unloads are shown only. */
  readonly onResult: (result: JobResult) => void;
}

/** Prints devices as they come and go, events, and plugins with their results. */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #redis: Redis;
  readonly #devices: Informer<UsbDevice>;
  readonly #plugins: Informer<AutoWeavePlugin>;
  readonly #tail: StreamTail;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    const { client, logger, redisUrl } = options;
    const metrics = new MetricsRegistry();
    this.#redis = createRedis({ url: redisUrl, name: 'npm-start', logger, blocking: true });
    this.#devices = new Informer<UsbDevice>({ client, resource: resources.usbDevice, logger, metrics });
    this.#plugins = new Informer<AutoWeavePlugin>({ client, resource: resources.autoWeavePlugin, logger, metrics });
    this.#devices.onChange((_, device, previous) => this.#print('device', deviceText(device, previous)));
    this.#plugins.onChange((_, plugin, previous) => this.#print('plugin', pluginText(plugin, previous)));
    this.#tail = new StreamTail({
      redis: this.#redis,
      logger,
      streams: {
        [redisKeys.hotplugStream]: (fields) => this.#print('event', eventText(fields)),
        [redisKeys.resultStream]: (fields) => this.#result(JSON.parse(fields['result'] ?? '{}') as JobResult),
      },
    });
  }

  /** Shows what happens from now on. */
  async start(): Promise<void> {
    await this.#tail.start();
    this.#devices.start();
    this.#plugins.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#devices.stop(), this.#plugins.stop()]);
    this.#tail.stop();
    await closeRedis(this.#redis);
  }

  #result(result: JobResult): void {
    const isHook = result.type !== 'plugin.load' && result.type !== 'plugin.unload';
    this.#print(isHook ? 'result' : 'plugin', resultText(result));
    if (isHook) this.#options.onResult(result);
  }

  #print(kind: string, text: string | undefined): void {
    if (text !== undefined) this.#options.print(line(kind, text, new Date()));
  }
}
