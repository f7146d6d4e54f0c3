import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { type Platform, platformOf } from './platform.ts';
import { terminalProgress, type Progress } from './progress.ts';

/** What finding and getting tools depends on. */
export interface ToolContext {
  readonly platform: Platform;
  /** Directories with executables, in order. */
  readonly searchPath: readonly string[];
  /** Preferred over the search path; the convention of controller tests. */
  readonly kubebuilderAssets: string | undefined;
  /** What we got ourselves, in versioned directories. */
  readonly cacheDirectory: string;
  readonly progress: Progress;
}

/** Often not on the PATH of a normal user, or of a fresh shell. */
const usualDirectories = [
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/local/go/bin',
];

/** @throws AutoWeaveError AW_TOOL_UNAVAILABLE on a system for which the servers do not exist. */
export function toolContext(environment: NodeJS.ProcessEnv = process.env): ToolContext {
  const platform = platformOf(process.platform, process.arch);
  if (platform === undefined) {
    throw new AutoWeaveError(
      'AW_TOOL_UNAVAILABLE',
      `kube-apiserver and etcd exist for amd64 and arm64; this machine is ${process.platform} ${process.arch}`,
    );
  }
  const path = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const caches = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return {
    platform,
    searchPath: [...new Set([...path, ...usualDirectories])],
    kubebuilderAssets: environment['KUBEBUILDER_ASSETS'] || undefined,
    cacheDirectory: join(caches, 'autoweave'),
    progress: terminalProgress(process.stderr),
  };
}
