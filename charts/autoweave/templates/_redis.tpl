{{/*
The password that those of the users are derived from: given, else that of the last install, else a new one. It is kept
in the values, so that all templates of one rendering see the same.
*/}}
{{- define "autoweave.redis.password" -}}
{{- $auth := .Values.redis.auth -}}
{{- if not $auth.password -}}
  {{- /* First: the password that is made up here would hide that one is missing. */ -}}
  {{- include "autoweave.validate" . -}}
  {{- $known := lookup "v1" "Secret" .Release.Namespace "autoweave-redis" -}}
  {{- $password := randAlphaNum 48 -}}
  {{- if $known }}{{ $password = index $known.data "password" | default "" | b64dec | default $password }}{{ end -}}
  {{- $_ := set $auth "password" $password -}}
{{- end -}}
{{ $auth.password }}
{{- end }}

{{/* Context: root, user. */}}
{{- define "autoweave.redis.userPassword" -}}
{{ printf "%s/%s" .user (include "autoweave.redis.password" .root) | sha256sum | trunc 48 }}
{{- end }}

{{/* What the user connects with. Context: root, user (operator, agent or executor). */}}
{{- define "autoweave.redis.url" -}}
{{- if .root.Values.redis.enabled -}}
redis://{{ .user }}:{{ include "autoweave.redis.userPassword" . }}@autoweave-redis.{{ .root.Release.Namespace }}.svc:6379/0
{{- else -}}
{{ index .root.Values.externalRedis (printf "%sUrl" .user) | default .root.Values.externalRedis.url }}
{{- end -}}
{{- end }}

{{/* Names of the Secrets with the URLs. Context: root, component (operator or nodeAgent). */}}
{{- define "autoweave.redis.secret" -}}
{{- $given := ternary .root.Values.redis.auth .root.Values.externalRedis .root.Values.redis.enabled -}}
{{- $names := dict "operator" "autoweave-operator-redis" "nodeAgent" "autoweave-node-agent-redis" -}}
{{ index $given.existingSecrets .component | default (index $names .component) }}
{{- end }}

{{/* "true" when the Secrets with the URLs are the user's own. */}}
{{- define "autoweave.redis.hasOwnSecrets" -}}
{{- $given := ternary .Values.redis.auth .Values.externalRedis .Values.redis.enabled -}}
{{- if $given.existingSecrets.operator }}true{{ end -}}
{{- end }}

{{- define "autoweave.redis.aclSecret" -}}
{{ .Values.redis.auth.existingSecrets.redis | default "autoweave-redis" }}
{{- end }}
