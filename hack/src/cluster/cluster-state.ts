import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterNode } from './network.ts';
import type { ProcessIdentity } from './sandbox/process-table.ts';
import type { SandboxIdentity } from './sandbox/sandbox.ts';
import type { UplinkState } from './sandbox/uplink.ts';

/** What later commands must know of what is going on. */
interface Entries {
  sandbox: SandboxIdentity;
  uplink: UplinkState;
  /** Identities of the archives that were imported. */
  images: readonly string[];
  nodes: readonly ClusterNode[];
}

/** Files of JSON, one a fact, below a directory. */
export class ClusterState {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Undefined when nothing was kept under that name. */
  read<Name extends keyof Entries>(name: Name): Promise<Entries[Name] | undefined> {
    return this.#read(name);
  }

  keep<Name extends keyof Entries>(name: Name, value: Entries[Name]): Promise<void> {
    return this.#write(name, value);
  }

  serverProcess(server: string): Promise<ProcessIdentity | undefined> {
    return this.#read(`server-${server}`);
  }

  keepServerProcess(server: string, identity: ProcessIdentity): Promise<void> {
    return this.#write(`server-${server}`, identity);
  }

  /** Names of the servers that were started. */
  async servers(): Promise<string[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return names.flatMap((name) => /^server-(.+)\.json$/.exec(name)?.[1] ?? []);
  }

  async #read<T>(name: string): Promise<T | undefined> {
    const text = await readFile(this.#path(name), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async #write(name: string, value: unknown): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await writeFile(this.#path(name), JSON.stringify(value));
  }

  #path(name: string): string {
    return join(this.#directory, `${name}.json`);
  }
}
