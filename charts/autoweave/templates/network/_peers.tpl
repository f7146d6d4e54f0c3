{{- define "autoweave.dnsEgress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Values.networkPolicy.dnsNamespace }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end }}

{{/* Names, the API server, the collector and the proxy. */}}
{{- define "autoweave.baseEgress" -}}
{{ include "autoweave.dnsEgress" . }}
- ports:
    {{- range .Values.networkPolicy.apiServerPorts }}
    - port: {{ . }}
    {{- end }}
  {{- with .Values.networkPolicy.apiServerCidrs }}
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  {{- end }}
{{- range list .Values.monitoring.otlp.endpoint .Values.proxy.http .Values.proxy.https | compact | uniq }}
{{- $port := regexFind ":[0-9]+$" (urlParse . | dig "host" "") | trimPrefix ":" }}
- ports:
    - port: {{ $port | default (ternary "443" "80" (hasPrefix "https:" .)) }}
{{- end }}
{{- end }}

{{- define "autoweave.redisEgress" -}}
{{- if .Values.redis.enabled -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Release.Namespace }}
      podSelector:
        matchLabels:
          {{- include "autoweave.selectorLabels" (dict "root" . "component" "redis") | nindent 10 }}
  ports:
    - port: 6379
{{- else -}}
{{- /* Where it is says a Secret, or a name: any address, and any port when a Secret says that, too. */}}
{{- $external := .Values.externalRedis }}
{{- $ports := list }}
{{- range list $external.url $external.operatorUrl $external.agentUrl $external.executorUrl | compact }}
  {{- $sentinel := contains "+sentinel:" . }}
  {{- range regexFindAll "(?:@|//|sentinel=)[^@/?&]+:([0-9]+)" . -1 }}{{ $ports = append $ports (regexFind "[0-9]+$" .) }}{{ end }}
  {{- $ports = append $ports "6379" }}
  {{- if $sentinel }}{{ $ports = append $ports "26379" }}{{ end }}
{{- end }}
{{- if or $external.existingSecrets.operator (not $ports) }}
- {}
{{- else }}
- ports:
    {{- range uniq $ports }}
    - port: {{ . }}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Context: root, monitoring (whether Prometheus is asked to come). */}}
{{- define "autoweave.metricsPeers" -}}
{{- if .root.Values.networkPolicy.metricsFrom -}}
{{ toYaml .root.Values.networkPolicy.metricsFrom }}
{{- else if .monitoring -}}
- namespaceSelector: {}
{{- end -}}
{{- end }}
