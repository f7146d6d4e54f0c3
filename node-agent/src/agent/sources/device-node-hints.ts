import { errorMessage } from '@autoweave/platform/errors';
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { UsbEdgeListener, UsbEdgeSource } from '../ports.ts';
import { isGone } from './sysfs-files.ts';

export interface DeviceNodeHintsOptions {
  /** Default `/dev/bus/usb`. */
  readonly directory?: string;
  /** How often a directory that is not there yet is looked for. Default 5,000. */
  readonly lookMilliseconds?: number;
}

/** A directory that is made anew has another inode, and the old watch is deaf to it. */
interface Watch {
  readonly watcher: FSWatcher;
  readonly inode: number;
}

/**
 * Hints from inotify on `/dev/bus/usb`, where the kernel itself makes and removes a file for each device. Works where
 * uevents do not reach (a pod with `hostUsers: false`), given that directory as a volume. It may come later, or never.
 */
export class DeviceNodeHints implements UsbEdgeSource {
  readonly name = 'inotify';
  readonly edgesAs = undefined;
  readonly #directory: string;
  readonly #lookMilliseconds: number;
  /** By path: of the directory and of each bus below it; inotify does not reach deeper by itself. */
  readonly #watchers = new Map<string, Watch>();
  #listener: UsbEdgeListener | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ directory, lookMilliseconds }: DeviceNodeHintsOptions = {}) {
    this.#directory = directory ?? '/dev/bus/usb';
    this.#lookMilliseconds = lookMilliseconds ?? 5000;
  }

  /** @throws Error when a directory that is there cannot be watched: out of watches, for one. */
  async start(listener: UsbEdgeListener): Promise<void> {
    await this.stop();
    try {
      this.#watchAll();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#listener = listener;
    this.#timer = setInterval(() => this.#lookAgain(), this.#lookMilliseconds);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#listener = undefined;
    for (const path of this.#watchers.keys()) {
      this.#unwatch(path);
    }
  }

  async barrier(): Promise<void> {
    // It tells no edges that could be under way.
  }

  /** Watches what is there now, and no longer what it has replaced. */
  #watchAll(): void {
    const inodes = new Map(this.#paths().map((path) => [path, inodeOf(path)]));
    for (const [path, { inode }] of this.#watchers) {
      if (inodes.get(path) !== inode) {
        this.#unwatch(path);
      }
    }
    for (const [path, inode] of inodes) {
      if (inode !== undefined && !this.#watchers.has(path)) {
        this.#watch(path, inode);
      }
    }
  }

  #paths(): string[] {
    try {
      return [this.#directory, ...readdirSync(this.#directory).map((bus) => join(this.#directory, bus))];
    } catch (error) {
      if (isGone(error)) {
        return [];
      }
      throw error;
    }
  }

  #watch(path: string, inode: number): void {
    try {
      const watcher = watch(path, { persistent: false }, () => this.#changed(path));
      watcher.on('error', (error) => this.#failed(error));
      this.#watchers.set(path, { watcher, inode });
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
    }
  }

  #changed(path: string): void {
    this.#listener?.hint(`something changed in ${path}`);
    if (path === this.#directory) {
      this.#lookAgain();
    }
  }

  #lookAgain(): void {
    try {
      this.#watchAll();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The scans go on without hints. */
  #failed(error: unknown): void {
    const listener = this.#listener;
    void this.stop();
    listener?.failed(new Error(`${this.#directory} cannot be watched: ${errorMessage(error)}`, { cause: error }));
  }

  #unwatch(path: string): void {
    this.#watchers.get(path)?.watcher.close();
    this.#watchers.delete(path);
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
