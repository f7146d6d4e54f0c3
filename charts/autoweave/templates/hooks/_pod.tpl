{{/* Context: the weight. */}}
{{- define "autoweave.uninstallHook" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* Spec of a pod that runs one command of the operator's image. Context: root, name. */}}
{{- define "autoweave.commandPod" -}}
serviceAccountName: autoweave-{{ .name }}
restartPolicy: Never
{{- with include "autoweave.imagePullSecrets" .root }}{{ . | nindent 0 }}{{ end }}
securityContext:
  {{- include "autoweave.podSecurityContext" .root | nindent 2 }}
containers:
  - name: {{ .name }}
    image: {{ include "autoweave.image" (dict "root" .root "image" .root.Values.operator.image) }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: [/app/operator.mjs, {{ .name | replace "test" "check" }}]
    env:
      - name: LOG_LEVEL
        value: {{ .root.Values.logLevel }}
      - name: AW_NAMESPACE
        value: {{ .root.Release.Namespace }}
      - name: AW_NODE_NAMESPACE
        value: {{ .root.Values.namespaces.node.name }}
      - name: AW_PLUGIN_NAMESPACES
        value: {{ include "autoweave.pluginNamespaces" .root | fromJsonArray | join "," | quote }}
      - name: AW_OPERATOR_URL
        value: http://autoweave-operator.{{ .root.Release.Namespace }}.svc:8080
    resources:
      requests:
        cpu: 20m
        memory: 64Mi
      limits:
        memory: 256Mi
    securityContext:
      {{- include "autoweave.securityContext" .root | nindent 6 }}
{{- with .root.Values.operator.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.operator.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
