{{- define "datagen.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "datagen.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "datagen.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "datagen.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "datagen.selector" -}}
app.kubernetes.io/name: {{ include "datagen.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "datagen.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "datagen.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The part of a Job's name that changes with what the pods are: a Job cannot be altered, so another run is another Job. */}}
{{- define "datagen.run" -}}
{{- list .Values.mode .Values.image .Values.schema .Values.output .Values.run .Values.coordinator .Values.worker .Values.job
    .Values.env .Values.envFrom .Values.tls .Values.serviceAccount .Values.podSecurityContext .Values.securityContext
    .Values.scratch .Values.imagePullSecrets .Values.metrics .Chart.AppVersion | toJson | sha256sum | trunc 8 }}
{{- end }}

{{- define "datagen.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "datagen.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "datagen.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "datagen.schemaConfigMap" -}}
{{- .Values.schema.existingConfigMap | default (printf "%s-schema" (include "datagen.fullname" .)) }}
{{- end }}

{{- define "datagen.tlsSecret" -}}
{{- if eq .Values.tls.mode "certManager" }}
{{- .Values.tls.secretName | default (printf "%s-tls" (include "datagen.fullname" .)) }}
{{- else }}
{{- required "tls.secretName is required with tls.mode: secret" .Values.tls.secretName }}
{{- end }}
{{- end }}

{{- define "datagen.scheme" -}}
{{- if eq .Values.tls.mode "none" }}tcp{{ else }}tls{{ end }}
{{- end }}

{{/* Fields of every pod, before its containers. */}}
{{- define "datagen.pod" -}}
serviceAccountName: {{ include "datagen.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.job.terminationGracePeriodSeconds }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Where a pod may run: call it with .Values.coordinator or .Values.worker. */}}
{{- define "datagen.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Fields of every container. */}}
{{- define "datagen.container" -}}
image: {{ include "datagen.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
{{- with .Values.envFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
env:
  - {name: HOME, value: /tmp}
  - {name: TMPDIR, value: /tmp}
  {{- with .Values.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "datagen.volumeMounts" -}}
- {name: scratch, mountPath: /tmp}
{{- if ne .Values.tls.mode "none" }}
- {name: tls, mountPath: /etc/datagen/tls, readOnly: true}
{{- end }}
{{- if .Values.output.existingClaim }}
- {name: output, mountPath: {{ .Values.output.mountPath | quote }}}
{{- end }}
{{- end }}

{{- define "datagen.volumes" -}}
- name: scratch
  emptyDir: {sizeLimit: {{ .Values.scratch.sizeLimit | quote }}}
{{- if ne .Values.tls.mode "none" }}
- name: tls
  secret: {secretName: {{ include "datagen.tlsSecret" . }}, defaultMode: 288}
{{- end }}
{{- if .Values.output.existingClaim }}
- name: output
  persistentVolumeClaim: {claimName: {{ .Values.output.existingClaim | quote }}}
{{- end }}
{{- end }}

{{/* The volumes that the coordinator has besides. */}}
{{- define "datagen.documentMounts" -}}
- {name: schema, mountPath: /etc/datagen/schema, readOnly: true}
{{- if eq .Values.mode "job" }}
- {name: cluster, mountPath: /etc/datagen/cluster, readOnly: true}
{{- end }}
{{- end }}

{{- define "datagen.documentVolumes" -}}
- name: schema
  configMap: {name: {{ include "datagen.schemaConfigMap" . | quote }}}
{{- if eq .Values.mode "job" }}
- name: cluster
  configMap: {name: {{ include "datagen.fullname" . }}-cluster}
{{- end }}
{{- end }}

{{/* The annotations of the pod that serves metrics. */}}
{{- define "datagen.annotations" -}}
{{- if and .Values.metrics.enabled .Values.metrics.scrapeAnnotations }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ .Values.metrics.port | int | quote }}
prometheus.io/path: /metrics
{{- end }}
{{- with .Values.coordinator.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Where the dataset is written. A folder must be on the volume that all pods share; their root is read-only. */}}
{{- define "datagen.output" -}}
{{- $uri := required "output.uri is required: s3://bucket/prefix, gs://..., az://..., or a folder of output.existingClaim" .Values.output.uri }}
{{- if hasPrefix "/" $uri }}
{{- if not .Values.output.existingClaim }}
{{- fail (printf "output.uri=%s is a folder: name the PersistentVolumeClaim that holds it as output.existingClaim" $uri) }}
{{- end }}
{{- if not (hasPrefix (printf "%s/" (trimSuffix "/" .Values.output.mountPath)) (printf "%s/" $uri)) }}
{{- fail (printf "output.uri=%s is not below output.mountPath=%s" $uri .Values.output.mountPath) }}
{{- end }}
{{- end }}
{{- $uri }}
{{- end }}

{{/* The arguments of the command `datagen`. A start after a loss resumes the run. */}}
{{- define "datagen.generate" -}}
- generate
- /etc/datagen/schema/{{ .Values.schema.key }}
- {{ printf "--out=%s" (include "datagen.output" .) | quote }}
{{- if eq .Values.mode "daskjob" }}
- --cluster=$(DASK_SCHEDULER_ADDRESS)
{{- else }}
- --cluster=/etc/datagen/cluster/cluster.yaml
{{- end }}
- --resume=auto
{{- if not (kindIs "invalid" .Values.run.seed) }}
- --seed={{ .Values.run.seed | int64 }}
{{- end }}
{{- if not (kindIs "invalid" .Values.run.scale) }}
- --scale={{ .Values.run.scale }}
{{- end }}
{{- with .Values.run.format }}
- {{ printf "--format=%s" . | quote }}
{{- end }}
{{- if .Values.run.validate }}
- --validate
{{- end }}
{{- if .Values.metrics.enabled }}
- --metrics=0.0.0.0:{{ .Values.metrics.port | int }}
{{- end }}
{{- range .Values.run.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}
