// NOTES.txt of the charts: what was installed, what is still to do, and what to try first.
// The umbrella's looks at the cluster, because Helm makes namespaces without the labels that matter.
import type { MeshPlatform } from '../../constructs/mesh-platform.ts';
import type { ReleaseChart } from '../../constructs/release-chart.ts';

/** Notes of a service's chart. */
export function serviceNotes(chart: ReleaseChart): string {
  return `${chart.chartName} {{ .Chart.AppVersion }} is in namespace {{ .Release.Namespace }}.
{{- if .Values.canary.enabled }} {{ .Values.canary.weight }} % of its calls go to the canary.{{ end }}

  kubectl -n {{ .Release.Namespace }} get pods -l app=${chart.chartName}
`;
}

const databaseNotes = `{{- if and .Values.postgres.enabled (not .Values.global.postgres.url) }}

PostgreSQL is the development server{{ if not .Values.postgres.persistence.enabled }}, and its data live as long as its pod{{ end }}. For production name your own:
  --set 'global.postgres.url=postgres://{service}:PASSWORD@HOST:5432/{service}'
{{- end }}
`;

const secretNotes = `
Secrets that were missing were made in the cluster. They are kept when the release goes; they go with the namespace.
`;

function declares({ umbrella }: MeshPlatform, path: string): boolean {
  return umbrella.values.declarations.some((declaration) => declaration.path === path);
}

/** Notes of the chart over all services. */
export function platformNotes(platform: MeshPlatform): string {
  const { name, services } = platform.model;
  const edge = services.find((service) => service.edge);
  return `${name} {{ .Chart.AppVersion }} is in namespace {{ .Release.Namespace }}, as release {{ .Release.Name }}.

Wait until everything is ready (a minute or two; pods wait for PostgreSQL and their Secrets first):
  kubectl -n {{ .Release.Namespace }} wait --for=condition=Available deployment --all --timeout=300s
${
  edge === undefined
    ? ''
    : `
Then reach it through the ingress gateway in {{ .Values.global.ingress.namespace }}, or without one:
  kubectl -n {{ .Release.Namespace }} port-forward service/${edge.name} ${edge.manifest.httpPort ?? 8080}
`
}
{{- $namespace := lookup "v1" "Namespace" "" .Release.Namespace }}
{{- if $namespace }}
{{- if not (index ($namespace.metadata.labels | default dict) "istio-injection") }}

The namespace does not say that sidecars are injected. Pods ask for theirs themselves; label it for whatever else runs there:
  kubectl label namespace {{ .Release.Namespace }} istio-injection=enabled
{{- end }}
{{- if not (index ($namespace.metadata.labels | default dict) "pod-security.kubernetes.io/enforce") }}

Every pod here meets Pod Security "restricted". Where sidecars come from Istio's CNI plugin, have it enforced:
  kubectl label namespace {{ .Release.Namespace }} pod-security.kubernetes.io/enforce=restricted
{{- end }}
{{- end }}
${declares(platform, 'postgres.enabled') ? databaseNotes : ''}${declares(platform, 'secrets.generate') ? secretNotes : ''}`;
}
