/** A module that becomes one file of an image, with all it imports. */
export interface Bundle {
  /** Relative to the repository. */
  readonly source: string;
  /** In /app. What starts a thread names its file, so the names are those that the sources ask for. */
  readonly file: string;
}

export interface ProductImage {
  /** Also the name of its target in hack/images/Dockerfile. */
  readonly name: 'operator' | 'node-agent' | 'runner';
  readonly title: string;
  readonly bundles: readonly Bundle[];
  /** Directory of modules that are read as text at run time: kept apart, without types. */
  readonly texts?: string;
  /** Packages that cannot be bundled: native ones, and data. See external-packages.ts. */
  readonly packages: readonly ExternalName[];
}

export type ExternalName = 'isolated-vm' | 'koffi' | 'usb' | 'usb.ids';

/** The one place that says which process is in which image. */
export const productImages: readonly ProductImage[] = [
  {
    name: 'operator',
    title: 'AutoWeave operator',
    bundles: [{ source: 'operator/src/main.ts', file: 'operator.mjs' }],
    packages: [],
  },
  {
    name: 'node-agent',
    title: 'AutoWeave node agent and executor',
    bundles: [
      { source: 'node-agent/src/agent/main.ts', file: 'agent.mjs' },
      { source: 'node-agent/src/agent/uevents/netlink-worker.ts', file: 'netlink-worker.mjs' },
      { source: 'node-agent/src/executor/main.ts', file: 'executor.mjs' },
    ],
    packages: ['koffi', 'usb', 'usb.ids'],
  },
  {
    name: 'runner',
    title: 'AutoWeave plugin runner',
    bundles: [
      { source: 'plugins/runner/src/main.ts', file: 'runner.mjs' },
      { source: 'plugins/runner/src/isolate/isolate-thread.ts', file: 'isolate-thread.js' },
    ],
    texts: 'plugins/runner/src/inside',
    packages: ['isolated-vm'],
  },
];
