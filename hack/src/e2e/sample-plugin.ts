import { type AutoWeavePlugin, groupVersion, type PluginManifest, textDigest } from '@autoweave/crds';

/** Of all that these tests apply. */
export const pluginNamespace = 'lab';

export interface SamplePlugin {
  readonly name: string;
  /** Text of the only file, `index.js`. */
  readonly code: string;
  /** Over a manifest that fits; also with fields that no manifest has. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Beside source and triggers. */
  readonly spec?: Partial<AutoWeavePlugin['spec']>;
  readonly namespace?: string;
}

/** Path to text: what a source of the plugin holds, inline or in a ConfigMap. */
export function sampleFiles({ name, code, manifest }: SamplePlugin): Record<string, string> {
  const fitting: PluginManifest = {
    manifestVersion: 1,
    name: name.slice(0, 63),
    version: '1.0.0',
    entry: 'index.js',
    files: { 'index.js': textDigest(code) },
    permissions: { usb: [{ operation: 'monitor' }], storage: { maxKeys: 100 } },
  };
  return { 'autoweave.plugin.json': JSON.stringify({ ...fitting, ...manifest }), 'index.js': code };
}

/** A plugin that hears of every device which comes or goes. */
export function samplePlugin(sample: SamplePlugin): AutoWeavePlugin {
  const { name, namespace = pluginNamespace, spec } = sample;
  return {
    apiVersion: groupVersion,
    kind: 'AutoWeavePlugin',
    metadata: { name, namespace },
    spec: { source: { files: sampleFiles(sample) }, triggers: [{ actions: ['attach', 'detach'] }], ...spec },
  };
}

/** `code` of a plugin with this as the body of its onAttach; its onDetach always succeeds. */
export function onAttach(body: string): string {
  return `export default { async onAttach(event, context) { ${body} }, onDetach() {} };\n`;
}
