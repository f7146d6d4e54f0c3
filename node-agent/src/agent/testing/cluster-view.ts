import { redisKeys, resources, type UsbDevice, type UsbNode } from '@autoweave/crds';
import type { KubeClient } from '@autoweave/platform/kube';
import type { Redis } from '@autoweave/platform/redis';

/** What one node told the outside. */
export class ClusterView {
  readonly #client: KubeClient;
  readonly #redis: Redis;
  readonly #nodeName: string;

  constructor({ client, redis, nodeName }: { client: KubeClient; redis: Redis; nodeName: string }) {
    this.#client = client;
    this.#redis = redis;
    this.#nodeName = nodeName;
  }

  /** Its events in the stream, in order, as records of fields. */
  async events(): Promise<Record<string, string>[]> {
    const entries = await this.#redis.xrange(redisKeys.hotplugStream, '-', '+');
    const records = entries.map(([, words]) => {
      const pairs = words.flatMap((word, index) => (index % 2 ? [] : [[word, words[index + 1] ?? ''] as const]));
      return Object.fromEntries(pairs);
    });
    return records.filter((record) => record['node'] === this.#nodeName);
  }

  async eventIds(): Promise<string[]> {
    return (await this.events()).map((event) => event['event_id'] ?? '');
  }

  /** Names of UsbDevices to whether this node has them. */
  async presence(): Promise<Record<string, boolean>> {
    const { items } = await this.#client.list<UsbDevice>(resources.usbDevice);
    return Object.fromEntries(
      items.flatMap(({ metadata, status }) =>
        (status?.attachments ?? [])
          .filter((attachment) => attachment.nodeName === this.#nodeName)
          .map((attachment) => [metadata.name, attachment.present]),
      ),
    );
  }

  /** Sorted names of the UsbDevices that this node has. */
  async present(): Promise<string[]> {
    const presence = Object.entries(await this.presence());
    return presence.flatMap(([name, isPresent]) => (isPresent ? [name] : [])).toSorted();
  }

  node(): Promise<UsbNode | undefined> {
    return this.#client.get<UsbNode>(resources.usbNode, { name: this.#nodeName });
  }

  /** `Ready=True`, … */
  async conditions(): Promise<string[]> {
    return ((await this.node())?.status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`);
  }
}
