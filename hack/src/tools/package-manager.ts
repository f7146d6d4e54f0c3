/** Packages that are installed together. */
export type Packages = readonly string[];

/** A package manager. Of several ways to get something the first that installs is taken. */
export interface PackageManager {
  readonly command: string;
  readonly refresh: readonly string[] | undefined;
  readonly install: readonly string[];
  /** With certificates, without which Go reaches no module proxy. */
  readonly go: readonly Packages[];
  readonly redis: readonly Packages[];
  /** A C compiler, and libseccomp to link statically. */
  readonly compiler: readonly Packages[];
}

/** In the order of preference where a machine has several. */
export const packageManagers: readonly PackageManager[] = [
  {
    command: 'apt-get',
    refresh: ['update', '-qq'],
    install: ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'],
    go: [['golang-go', 'ca-certificates']],
    redis: [['redis-server'], ['valkey-server']],
    compiler: [['gcc', 'libc6-dev', 'libseccomp-dev', 'pkg-config']],
  },
  {
    command: 'dnf',
    refresh: undefined,
    install: ['install', '-y', '-q'],
    go: [['golang', 'ca-certificates']],
    redis: [['valkey'], ['redis']],
    compiler: [['gcc', 'glibc-static', 'libseccomp-devel', 'libseccomp-static', 'pkgconf-pkg-config']],
  },
  {
    command: 'apk',
    refresh: undefined,
    install: ['add', '--no-cache'],
    go: [['go', 'ca-certificates']],
    redis: [['valkey'], ['redis']],
    compiler: [['gcc', 'musl-dev', 'linux-headers', 'libseccomp-dev', 'libseccomp-static', 'pkgconf']],
  },
];
