/** Names as Go, and so the Kubernetes releases, write them. */
export interface Platform {
  readonly system: 'linux' | 'darwin';
  readonly architecture: 'amd64' | 'arm64';
}

const systems: Partial<Record<NodeJS.Platform, Platform['system']>> = { linux: 'linux', darwin: 'darwin' };
const architectures: Partial<Record<NodeJS.Architecture, Platform['architecture']>> = { x64: 'amd64', arm64: 'arm64' };

/** Undefined where none of the tools runs. */
export function platformOf(system: NodeJS.Platform, architecture: NodeJS.Architecture): Platform | undefined {
  const knownSystem = systems[system];
  const knownArchitecture = architectures[architecture];
  if (knownSystem === undefined || knownArchitecture === undefined) return undefined;
  return { system: knownSystem, architecture: knownArchitecture };
}
