{{/* A table of settings as TOML. Values are written as JSON, which is TOML for texts, numbers, truth values and lists. */}}
{{- define "liveprofile.toml" -}}
{{- $prefix := .prefix -}}
{{- range $key, $value := .table }}
{{- if not (or (kindIs "map" $value) (kindIs "invalid" $value)) }}
{{ $key }} = {{ toJson $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- if kindIs "map" $value }}
{{- $name := ternary $key (printf "%s.%s" $prefix $key) (eq $prefix "") }}

[{{ $name }}]
{{- include "liveprofile.toml" (dict "prefix" $name "table" $value) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "liveprofile.settings" -}}
{{- if not .Values.settings.bootstrap }}
{{- fail "settings.bootstrap is missing: give the addresses of your brokers, such as --set-string settings.bootstrap=kafka-1:9093" }}
{{- end }}
{{- include "liveprofile.toml" (dict "prefix" "" "table" .Values.settings) | trim }}
{{- end -}}

{{/* Which files of secrets a pod gets: lines of "setting secret key file". Call it with a dict of `root` and `stage`. */}}
{{- define "liveprofile.secretFiles" -}}
{{- $kafka := .root.Values.kafka -}}
{{- $strimzi := .root.Values.strimzi -}}
{{- $user := printf "%s-%s" (include "liveprofile.fullname" .root) .stage -}}
{{- if eq .stage "ingest" }}
{{- if not .root.Values.pseudonymKey.existingSecret }}
{{- fail "pseudonymKey.existingSecret is missing: make a key (liveprofile key create pseudonym.key), a Secret of it (kubectl create secret generic liveprofile-key --from-file=pseudonym.key), and name that here" }}
{{- end }}
{{ printf "PSEUDONYM_KEY_FILE %s %s pseudonym.key" .root.Values.pseudonymKey.existingSecret .root.Values.pseudonymKey.key }}
{{- end }}
{{- if $strimzi.users.enabled }}
{{ printf "KAFKA__CA_FILE %s-cluster-ca-cert ca.crt ca.crt" $strimzi.cluster }}
{{- if eq $strimzi.users.authentication "tls" }}
{{ printf "KAFKA__CERTIFICATE_FILE %s user.crt client.crt" $user }}
{{ printf "KAFKA__KEY_FILE %s user.key client.key" $user }}
{{- else }}
{{ printf "KAFKA__PASSWORD_FILE %s password password" $user }}
{{- end }}
{{- else }}
{{- with $kafka.password }}{{ if .existingSecret }}
{{ printf "KAFKA__PASSWORD_FILE %s %s password" .existingSecret .key }}
{{- end }}{{ end }}
{{- with $kafka.clientSecret }}{{ if .existingSecret }}
{{ printf "KAFKA__CLIENT_SECRET_FILE %s %s client-secret" .existingSecret .key }}
{{- end }}{{ end }}
{{- with $kafka.ca }}{{ if .existingSecret }}
{{ printf "KAFKA__CA_FILE %s %s ca.crt" .existingSecret .key }}
{{- end }}{{ end }}
{{- with $kafka.certificate }}{{ if .existingSecret }}
{{ printf "KAFKA__CERTIFICATE_FILE %s %s client.crt" .existingSecret .certificateKey }}
{{ printf "KAFKA__KEY_FILE %s %s client.key" .existingSecret .privateKeyKey }}
{{- end }}{{ end }}
{{- with $kafka.keyPassword }}{{ if .existingSecret }}
{{ printf "KAFKA__KEY_PASSWORD_FILE %s %s key-password" .existingSecret .key }}
{{- end }}{{ end }}
{{- end }}
{{- end -}}
