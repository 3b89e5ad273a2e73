{{/* Environment of the program: what differs between pods, and where the chart mounted things. */}}
{{- define "liveprofile.env" -}}
- name: LIVEPROFILE_CONFIG
  value: /etc/liveprofile/settings/liveprofile.toml
- name: LIVEPROFILE_DATA_DIR
  value: /data/liveprofile   # a folder in the volume: the program makes it private to itself
- name: NUMBA_CACHE_DIR
  value: /data/compiled
{{- range include "liveprofile.secretFiles" . | trim | splitList "\n" }}
{{- with splitList " " . }}{{ if gt (len .) 1 }}
- name: LIVEPROFILE_{{ index . 0 }}
  value: /etc/liveprofile/secrets/{{ index . 3 }}
{{- end }}{{ end }}
{{- end }}
{{- if .root.Values.strimzi.users.enabled }}
{{- if eq .root.Values.strimzi.users.authentication "tls" }}
- name: LIVEPROFILE_KAFKA__SECURITY_PROTOCOL
  value: SSL
{{- else }}
- name: LIVEPROFILE_KAFKA__SECURITY_PROTOCOL
  value: SASL_SSL
- name: LIVEPROFILE_KAFKA__SASL_MECHANISM
  value: SCRAM-SHA-512
- name: LIVEPROFILE_KAFKA__USERNAME
  value: {{ printf "%s-%s" (include "liveprofile.fullname" .root) .stage }}
{{- end }}
{{- end }}
{{- if and .root.Values.exchangeRates.configMap (eq .stage "ingest") }}
- name: LIVEPROFILE_INGEST__EXCHANGE_RATES
  value: /etc/liveprofile/rates/rates.csv
{{- end }}
{{- end -}}

{{- define "liveprofile.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "liveprofile.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "liveprofile.mounts" -}}
- {name: settings, mountPath: /etc/liveprofile/settings, readOnly: true}
- {name: data, mountPath: /data}
- {name: tmp, mountPath: /tmp}
{{- if include "liveprofile.secretFiles" . | trim }}
- {name: secrets, mountPath: /etc/liveprofile/secrets, readOnly: true}
{{- end }}
{{- if and .root.Values.exchangeRates.configMap (eq .stage "ingest") }}
- {name: rates, mountPath: /etc/liveprofile/rates, readOnly: true}
{{- end }}
{{- end -}}

{{/* Volumes but for `data`. */}}
{{- define "liveprofile.volumes" -}}
- name: settings
  configMap:
    name: {{ .settings }}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- if include "liveprofile.secretFiles" . | trim }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
{{- range include "liveprofile.secretFiles" . | trim | splitList "\n" }}
{{- with splitList " " . }}{{ if gt (len .) 1 }}
      - secret:
          name: {{ index . 1 }}
          items: [{key: {{ index . 2 | quote }}, path: {{ index . 3 | quote }}}]
{{- end }}{{ end }}
{{- end }}
{{- end }}
{{- if and .root.Values.exchangeRates.configMap (eq .stage "ingest") }}
- name: rates
  configMap:
    name: {{ .root.Values.exchangeRates.configMap }}
    items: [{key: {{ .root.Values.exchangeRates.key | quote }}, path: rates.csv}]
{{- end }}
{{- end -}}

{{/* The pod of a stage. Call it with a dict of `root`, `stage`, `named` (it keeps its name) and `volume` (it has its own). */}}
{{- define "liveprofile.pod" -}}
{{- $root := .root -}}
{{- $of := index .root.Values.stages .stage -}}
metadata:
  labels:
    {{- include "liveprofile.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .stage }}
    {{- with $of.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    checksum/settings: {{ include "liveprofile.settings" $root | sha256sum }}
    {{- with $of.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false   # variables like LIVEPROFILE_PORT would look like settings
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $of.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- include "liveprofile.podSecurity" . | nindent 4 }}
  containers:
    - name: worker
      image: {{ include "liveprofile.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [worker]
      env:
        {{- include "liveprofile.env" . | nindent 8 }}
        - name: LIVEPROFILE_WORKER__STAGES
          value: {{ .stage }}
        - name: LIVEPROFILE_WORKER__PROBE_HOST
          value: "0.0.0.0"
        - name: LIVEPROFILE_WORKER__PROBE_PORT
          value: {{ $root.Values.probes.port | quote }}
        {{- if .named }}
        - name: LIVEPROFILE_WORKER__INSTANCE_ID   # a pod that is killed has its partitions back at once
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        {{- end }}
        {{- with $of.extraEnv }}{{ toYaml . | nindent 8 }}{{ end }}
      ports:
        - {name: probes, containerPort: {{ $root.Values.probes.port }}}
      startupProbe:
        httpGet: {path: /startupz, port: probes}
        periodSeconds: 10
        failureThreshold: {{ div (add $root.Values.probes.startupSeconds 9) 10 }}
      livenessProbe:
        httpGet: {path: /livez, port: probes}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: /readyz, port: probes}
        periodSeconds: 5
        timeoutSeconds: 5
      resources: {{ toYaml $of.resources | nindent 8 }}
      securityContext:
        {{- include "liveprofile.containerSecurity" . | nindent 8 }}
      volumeMounts:
        {{- include "liveprofile.mounts" . | nindent 8 }}
  volumes:
    {{- include "liveprofile.volumes" (merge (dict "settings" (printf "%s-settings" (include "liveprofile.fullname" $root))) .) | nindent 4 }}
    {{- if not .volume }}
    - name: data
      emptyDir: {sizeLimit: {{ $of.dataSize }}}
    {{- end }}
  {{- with $of.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $of.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $of.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $of.topologySpreadConstraints }}
  topologySpreadConstraints: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
