{{- define "liveprofile.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "liveprofile.fullname" -}}
{{- $name := include "liveprofile.name" . -}}
{{- if .Values.fullnameOverride -}}{{ .Values.fullnameOverride }}
{{- else if contains $name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "liveprofile.selector" -}}
app.kubernetes.io/name: {{ include "liveprofile.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "liveprofile.labels" -}}
{{ include "liveprofile.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* Names of Kafka: the same rules as in streams/contract/topics.py. */}}
{{- define "liveprofile.appId" -}}{{ .Values.settings.app_id | default "liveprofile" }}{{- end -}}
{{- define "liveprofile.group" -}}
{{- $own := true -}}
{{- if hasKey .Values.settings "prefix_internal_topics" }}{{ $own = .Values.settings.prefix_internal_topics }}{{ end -}}
{{- if $own }}{{ .Values.settings.topic_prefix }}{{ end }}{{ include "liveprofile.appId" . }}
{{- end -}}

{{/* Replaces the marks of files/kafka.json; call it with a dict of `root` and `name`. */}}
{{- define "liveprofile.kafkaName" -}}
{{- .name | replace "@group@" (include "liveprofile.group" .root) | replace "@app@" (include "liveprofile.appId" .root) | replace "@prefix@" (.root.Values.settings.topic_prefix | default "") -}}
{{- end -}}

{{- define "liveprofile.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}
