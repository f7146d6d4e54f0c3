import {
  groupVersion,
  textDigest,
  type AutoWeavePlugin,
  type AutoWeavePluginSpec,
  type AutoWeavePluginStatus,
  type AutoWeavePolicy,
  type PluginManifest,
} from '@autoweave/crds';
import { manifestFileName } from '@autoweave/crds/validators';

/** The files of a plugin whose manifest is right, or is it not, by `changes`. */
export function sampleFiles(
  changes: Partial<PluginManifest> = {},
  code = 'export default {};\n',
): Record<string, string> {
  const manifest: PluginManifest = {
    manifestVersion: 1,
    name: 'greeter',
    version: '1.0.0',
    entry: 'index.js',
    files: { 'index.js': textDigest(code) },
    permissions: { usb: [{ operation: 'monitor' }] },
    ...changes,
  };
  return { [manifestFileName]: JSON.stringify(manifest), 'index.js': code };
}

export function samplePlugin(spec: Partial<AutoWeavePluginSpec> = {}, status?: AutoWeavePluginStatus): AutoWeavePlugin {
  return {
    apiVersion: groupVersion,
    kind: 'AutoWeavePlugin',
    metadata: { name: 'greeter', namespace: 'lab', uid: 'a8a3d3c2-0000-4000-8000-000000000001', generation: 2 },
    spec: { source: { files: sampleFiles() }, runtime: 'Thread', securityLevel: 'High', ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

export function samplePolicy(plugins: AutoWeavePolicy['spec']['plugins'] = {}): AutoWeavePolicy {
  return { apiVersion: groupVersion, kind: 'AutoWeavePolicy', metadata: { name: 'default' }, spec: { plugins } };
}
