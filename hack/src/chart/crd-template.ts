/**
 * A Helm template of a CustomResourceDefinition: the manifest as it is, with a condition around it, and labels and
 * annotations from the values.
 *
 * @throws Error when the manifest does not begin as ours do.
 */
export function crdTemplate(manifest: string): string {
  const head = /^(apiVersion: .*\nkind: CustomResourceDefinition\nmetadata:\n {2}name: \S+\n)/;
  if (!head.test(manifest)) throw new Error('not a CustomResourceDefinition, or it has more metadata than a name');
  const [, start = ''] = head.exec(manifest) ?? [];
  const rest = manifest.slice(start.length).replaceAll('{{', '{{ "{{" }}');
  return `${header}{{- if .Values.crds.enabled }}\n${start}${metadata}${rest.trimEnd()}\n{{- end }}\n`;
}

const header = '{{- /* Generated from crds/manifests by `npm run generate`; do not edit. */}}\n';

const metadata = `  labels:
    {{- include "autoweave.labels" (dict "root" . "component" "crds") | nindent 4 }}
  annotations:
    argocd.argoproj.io/sync-wave: "-1"
    {{- if .Values.crds.keep }}
    argocd.argoproj.io/sync-options: Delete=false,Prune=false
    helm.sh/resource-policy: keep
    {{- end }}
    {{- with .Values.crds.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
`;
