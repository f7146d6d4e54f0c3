import { goVersion } from './products.ts';
import { isAtLeast, type Version } from './version.ts';

export type GoStep =
  /** Build with this `go`; one that is new enough to do so fetches a newer toolchain by itself when it must. */
  | { readonly kind: 'use'; readonly path: string }
  /** Any `go` can fetch a current toolchain as a module. */
  | { readonly kind: 'toolchain-module'; readonly path: string }
  /** Install the system's package, look again. */
  | { readonly kind: 'install' };

export interface FoundGo {
  readonly path: string;
  readonly version: Version;
}

/** Since Go 1.21 a `go` fetches and runs the toolchain that go.mod asks for. */
const fetchesToolchains: Version = [1, 21, 0];

export function planGo(found: FoundGo | undefined): GoStep {
  if (found === undefined) return { kind: 'install' };
  const { path, version } = found;
  return isAtLeast(version, fetchesToolchains) ? { kind: 'use', path } : { kind: 'toolchain-module', path };
}

/** The module that holds the toolchain, as Go itself names it. */
export function toolchainModule(platform: { readonly system: string; readonly architecture: string }): string {
  const [major, minor, patch] = goVersion;
  return `golang.org/toolchain@v0.0.1-go${major}.${minor}.${patch}.${platform.system}-${platform.architecture}`;
}
