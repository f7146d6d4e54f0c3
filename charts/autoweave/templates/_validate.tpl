{{/* What a schema cannot say: values that only make sense together. Each message has value, reason and remedy. */}}
{{- define "autoweave.validate" -}}
{{- $messages := list -}}
{{- $values := .Values -}}
{{- $external := $values.externalRedis -}}
{{- $urls := list $external.url $external.operatorUrl $external.agentUrl $external.executorUrl | compact -}}

{{- if $values.redis.enabled -}}
  {{- if or $urls $external.existingSecrets.operator $external.existingSecrets.nodeAgent -}}
    {{- $messages = append $messages "externalRedis is set, but redis.enabled is true: set redis.enabled=false to use your own Redis." -}}
  {{- end -}}
  {{- $existing := $values.redis.auth.existingSecrets -}}
  {{- $count := len (list $existing.redis $existing.operator $existing.nodeAgent | compact) -}}
  {{- if and (gt $count 0) (lt $count 3) -}}
    {{- $messages = append $messages "redis.auth.existingSecrets names only some Secrets: name all three (redis, operator, nodeAgent), or none." -}}
  {{- end -}}
  {{- if and (eq $count 0) (not $values.redis.auth.password) (not (include "autoweave.seesCluster" .)) -}}
    {{- $messages = append $messages "redis.auth.password is empty, and there is no cluster to look up the one that was made before (helm template, Argo CD): set redis.auth.password to 16 characters or more, or redis.auth.existingSecrets. With helm install --dry-run say --dry-run=server." -}}
  {{- end -}}
{{- else -}}
  {{- $existing := $external.existingSecrets -}}
  {{- if ne (empty $existing.operator) (empty $existing.nodeAgent) -}}
    {{- $messages = append $messages "externalRedis.existingSecrets names only one Secret: name both (operator, nodeAgent), or none." -}}
  {{- end -}}
  {{- if not $existing.operator -}}
    {{- range $user := list "operator" "agent" "executor" -}}
      {{- if not (include "autoweave.redis.url" (dict "root" $ "user" $user)) -}}
        {{- $messages = append $messages (printf "redis.enabled is false, and the %s has no Redis: set externalRedis.url (or externalRedis.%sUrl), or externalRedis.existingSecrets." $user $user) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- range $url := $urls -}}
    {{- if contains "," $url -}}
      {{- $messages = append $messages "externalRedis names several hosts: Redis Cluster is not supported, since a transaction of ours may need keys of two slots. Name one primary, or sentinels as redis+sentinel://user:password@sentinel:26379/primary-name?sentinel=other:26379." -}}
    {{- end -}}
  {{- end -}}
  {{- if $values.redis.intakeUser.enabled -}}
    {{- $messages = append $messages "redis.intakeUser.enabled is true, but redis.enabled is false: make the user in your own Redis; docs/install.md has its rules." -}}
  {{- end -}}
{{- end -}}

{{- $node := dict "root" . "namespace" $values.namespaces.node.name "keys" (list "agent-redis-url" "executor-redis-url") -}}
{{- $system := dict "root" . "namespace" .Release.Namespace "keys" (list "redis-url") -}}
{{- $users := dict "root" . "namespace" .Release.Namespace "keys" (list "users.acl") -}}
{{- $own := $values.redis.auth.existingSecrets -}}
{{- range $check := list
  (merge (dict "value" "redis.auth.existingSecrets.redis" "name" $own.redis) $users)
  (merge (dict "value" "redis.auth.existingSecrets.operator" "name" $own.operator) $system)
  (merge (dict "value" "redis.auth.existingSecrets.nodeAgent" "name" $own.nodeAgent) $node)
  (merge (dict "value" "externalRedis.existingSecrets.operator" "name" $external.existingSecrets.operator) $system)
  (merge (dict "value" "externalRedis.existingSecrets.nodeAgent" "name" $external.existingSecrets.nodeAgent) $node)
-}}
  {{- with include "autoweave.missingSecret" $check -}}
    {{- $messages = append $messages . -}}
  {{- end -}}
{{- end -}}

{{- if and $values.caBundle.pem $values.caBundle.existingConfigMap -}}
  {{- $messages = append $messages "caBundle.pem and caBundle.existingConfigMap are both set: set one." -}}
{{- end -}}
{{- if and $values.caBundle.pem (not (contains "-----BEGIN CERTIFICATE-----" $values.caBundle.pem)) -}}
  {{- $messages = append $messages "caBundle.pem has no certificate: give PEM, e.g. with --set-file caBundle.pem=ca.crt." -}}
{{- end -}}

{{- $names := list .Release.Namespace $values.namespaces.node.name $values.namespaces.plugins.name -}}
{{- if ne (len (uniq $names)) 3 -}}
  {{- $messages = append $messages (printf "the namespaces of system, nodes and plugins are %s: they have to be three, so that what is in one reaches no Secret of another. Change --namespace, namespaces.node.name or namespaces.plugins.name." (join ", " $names)) -}}
{{- end -}}
{{- range $values.plugins.extraNamespaces -}}
  {{- if or (eq . $.Release.Namespace) (eq . $values.namespaces.node.name) -}}
    {{- $messages = append $messages (printf "plugins.extraNamespaces has %s, where our own pods run: plugins need another namespace." .) -}}
  {{- end -}}
{{- end -}}
{{- if and $values.plugins.allNamespaces $values.plugins.extraNamespaces -}}
  {{- $messages = append $messages "plugins.allNamespaces and plugins.extraNamespaces are both set: with the first the second says nothing. Set one." -}}
{{- end -}}
{{- if and $values.policy.spec (not $values.policy.create) -}}
  {{- $messages = append $messages "policy.spec is set, but policy.create is false: set policy.create=true, or leave policy.spec empty." -}}
{{- end -}}
{{- range $part := list "operator" "runner" -}}
  {{- if not (index $values $part).image.repository -}}
    {{- $messages = append $messages (printf "%s.image.repository is empty: name the image." $part) -}}
  {{- end -}}
{{- end -}}

{{- if $messages -}}
{{- fail (printf "\n\nThe values cannot be used:\n  - %s\n" (join "\n  - " $messages)) -}}
{{- end -}}
{{- end }}

{{/*
What is wrong with a Secret that a value names; empty when nothing is, or when nobody can know: without a cluster, and
while its namespace does not exist. Context: root, value, name, namespace, keys.
*/}}
{{- define "autoweave.missingSecret" -}}
{{- if and .name (include "autoweave.seesCluster" .root) (lookup "v1" "Namespace" "" .namespace) -}}
  {{- $data := lookup "v1" "Secret" .namespace .name | dig "data" dict -}}
  {{- $missing := list -}}
  {{- range .keys }}{{ if not (hasKey $data .) }}{{ $missing = append $missing . }}{{ end }}{{ end -}}
  {{- if $missing -}}
{{ .value }} is {{ .name }}, but namespace {{ .namespace }} has no such Secret with {{ join " and " $missing }}: make it first (docs/install.md), or leave the value empty.
  {{- end -}}
{{- end -}}
{{- end }}
