{{/* Labels of every object. Context: root, and component as "component". */}}
{{- define "autoweave.labels" -}}
{{ include "autoweave.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: autoweave
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Never change these: selectors are immutable. */}}
{{- define "autoweave.selectorLabels" -}}
app.kubernetes.io/name: autoweave
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Context: root, image (repository, digest). */}}
{{- define "autoweave.image" -}}
{{- $common := .root.Values.image -}}
{{- $name := .image.repository -}}
{{- with $common.registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .) $name }}{{ end -}}
{{- if .image.digest -}}
{{ $name }}@{{ .image.digest }}
{{- else -}}
{{ $name }}:{{ $common.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "autoweave.imagePullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What `restricted` asks of a pod; ours ask for no more. */}}
{{- define "autoweave.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "autoweave.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Variables of every process of ours. */}}
{{- define "autoweave.commonEnv" -}}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: AW_PROBE_HOST
  value: 0.0.0.0
{{- with .Values.monitoring.otlp.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $.Values.monitoring.otlp.traceShare | quote }}
{{- end }}
{{- if include "autoweave.caConfigMap" . }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/autoweave/ca/ca.crt
{{- end }}
{{- with .Values.proxy }}
{{- if or .http .https }}
- name: NODE_USE_ENV_PROXY
  value: "1"
- name: HTTP_PROXY
  value: {{ .http | quote }}
- name: HTTPS_PROXY
  value: {{ .https | quote }}
- name: NO_PROXY
  value: {{ list "localhost,127.0.0.1,kubernetes.default.svc,.svc,.cluster.local,$(KUBERNETES_SERVICE_HOST)" .noProxy | compact | join "," | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "autoweave.caConfigMap" -}}
{{- if .Values.caBundle.existingConfigMap -}}
{{ .Values.caBundle.existingConfigMap }}
{{- else if .Values.caBundle.pem -}}
autoweave-ca
{{- end -}}
{{- end }}

{{- define "autoweave.caVolume" -}}
{{- with include "autoweave.caConfigMap" . }}
- name: ca
  configMap:
    name: {{ . }}
{{- end }}
{{- end }}

{{- define "autoweave.caMount" -}}
{{- if include "autoweave.caConfigMap" . }}
- name: ca
  mountPath: /etc/autoweave/ca
  readOnly: true
{{- end }}
{{- end }}

{{/* "true" when templates can ask the cluster: not with helm template, helm lint and Argo CD. */}}
{{- define "autoweave.seesCluster" -}}
{{- if lookup "v1" "Namespace" "" "kube-system" }}true{{ end -}}
{{- end }}

{{/* Namespaces in which the operator makes workloads, as JSON; empty list: all. */}}
{{- define "autoweave.pluginNamespaces" -}}
{{- if .Values.plugins.allNamespaces -}}
[]
{{- else -}}
{{ prepend .Values.plugins.extraNamespaces .Values.namespaces.plugins.name | uniq | toJson }}
{{- end -}}
{{- end }}

{{/* Whether the pods of the nodes mount something of the host. */}}
{{- define "autoweave.nodeNeedsHost" -}}
{{- if or .Values.nodeAgent.usb.mountDevices (eq .Values.nodeAgent.journal.type "hostPath") }}true{{ end -}}
{{- end }}

{{/* Labels of a namespace that enforces a level of Pod Security. Context: the level. */}}
{{- define "autoweave.podSecurityLabels" -}}
{{- range list "enforce" "audit" "warn" }}
pod-security.kubernetes.io/{{ . }}: {{ $ }}
{{- end }}
{{- end }}

{{/*
Annotations of pods of ours, with which they are replaced when what they read at their start changes; empty when there
are none. Context: root, users (of Redis), given (by a value).
*/}}
{{- define "autoweave.podAnnotations" -}}
{{- $annotations := dict -}}
{{- if not (include "autoweave.redis.hasOwnSecrets" .root) -}}
  {{- $urls := list -}}
  {{- range .users }}{{ $urls = append $urls (include "autoweave.redis.url" (dict "root" $.root "user" .)) }}{{ end -}}
  {{- $_ := set $annotations "checksum/redis" (join " " $urls | sha256sum | trunc 16) -}}
{{- end -}}
{{- with .root.Values.caBundle.pem -}}
  {{- $_ := set $annotations "checksum/ca" (sha256sum . | trunc 16) -}}
{{- end -}}
{{- with merge $annotations .given -}}
{{ toYaml . }}
{{- end -}}
{{- end }}
