// The linters of `npm run lint:manifests`, each a function from manifests to a verdict.
// All read infra/, which equals what the charts print; helm lint reads the charts themselves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseObjects } from '../../cdk8s/output/charts/helm.ts';
import { ignoredChecks } from './ignored-checks.ts';
import { lines, run, type Verdict } from './tool.ts';

/** What is linted. */
export interface Manifests {
  readonly root: string;
  /** Files with kinds that every cluster with Istio knows. */
  readonly files: readonly string[];
  /** Those that a release installs into its namespace. */
  readonly platformFiles: readonly string[];
}

function missing(tool: string, how: string): Verdict {
  return { tool, note: `not here; ${how}` };
}

function ignored(tool: string, check: string, object: string): boolean {
  return ignoredChecks.some(
    (entry) => entry.tool === tool && entry.check === check && (entry.object?.test(object) ?? true),
  );
}

/** Every object against the schema of its kind; unknown fields are errors. */
export function kubeconform({ root, files }: Manifests): Verdict {
  const schemas = join(root, 'scripts/lint-manifests/schemas/{{.ResourceKind}}{{.KindSuffix}}.json');
  const result = run('kubeconform', ['-strict', '-summary', '-schema-location', schemas, ...files]);
  if (result === undefined)
    return missing('kubeconform', 'go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0');
  const said = lines(result.stdout + result.stderr);
  return { tool: 'kubeconform', errors: result.status === 0 ? [] : said, note: said.at(-1) ?? '' };
}

interface WithTemplate {
  readonly spec?: { readonly template?: { readonly metadata?: object; readonly spec?: object } };
}

/** Every pod against Pod Security "restricted", by Kubernetes' own evaluator. */
export function podSecurity({ root, files }: Manifests): Verdict {
  const pods = files
    .flatMap((file) => parseObjects(readFileSync(file, 'utf8')))
    .flatMap((object) => {
      const template = (object as unknown as WithTemplate).spec?.template;
      if (template?.spec === undefined) return [];
      return [
        { name: `${object.kind} ${object.metadata.name}`, metadata: template.metadata ?? {}, spec: template.spec },
      ];
    });
  const cwd = join(root, 'scripts/lint-manifests/pod-security');
  const result = run('go', ['run', '.'], { cwd, input: JSON.stringify(pods) });
  if (result === undefined)
    return missing('pod-security', 'install Go 1.24 or newer; the evaluator is compiled when it is run');
  const failed = result.status !== 0;
  return {
    tool: 'pod-security',
    errors: failed ? lines(result.stdout || result.stderr) : [],
    note: lines(result.stderr)[0] ?? '',
  };
}

interface KubeScoreObject {
  readonly object_name: string;
  readonly checks: readonly {
    readonly check: { readonly id: string; readonly name: string };
    /** 1 is critical. */
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments?: readonly { readonly summary: string }[] | null;
  }[];
}

/** kube-score: what it calls critical. */
export function kubeScore({ files }: Manifests): Verdict {
  const result = run('kube-score', ['score', '--output-format', 'json', ...files]);
  if (result === undefined)
    return missing('kube-score', 'go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0');
  const objects = JSON.parse(result.stdout) as KubeScoreObject[];
  const errors = objects.flatMap(({ object_name: name, checks }) => {
    const object = name.split('/').at(-1) ?? name;
    return checks
      .filter(({ check, grade, skipped }) => grade === 1 && !skipped && !ignored('kube-score', check.id, object))
      .map(({ check, comments }) => `${name}: ${check.id}: ${comments?.[0]?.summary ?? check.name}`);
  });
  return { tool: 'kube-score', errors, note: `${objects.length} objects` };
}

interface CheckovReport {
  readonly summary: { readonly passed: number };
  readonly results: { readonly failed_checks: readonly { check_id: string; check_name: string; resource: string }[] };
}

/** checkov: what fails. */
export function checkov({ root, files }: Manifests): Verdict {
  const args = ['--framework', 'kubernetes', '--output', 'json', '--compact', '--quiet', '--skip-download'];
  const result = run('checkov', [...args, ...files.flatMap((file) => ['-f', file])], { cwd: root });
  if (result === undefined) return missing('checkov', 'pip install checkov');
  const parsed = JSON.parse(result.stdout) as CheckovReport | CheckovReport[];
  const reports = Array.isArray(parsed) ? parsed : [parsed];
  const errors = reports.flatMap((report) =>
    report.results.failed_checks
      .filter(({ check_id: id, resource }) => !ignored('checkov', id, resource))
      .map(({ check_id: id, check_name: name, resource }) => `${resource}: ${id}: ${name}`),
  );
  return {
    tool: 'checkov',
    errors,
    note: `${reports.reduce((sum, { summary }) => sum + summary.passed, 0)} checks passed`,
  };
}

/** Istio's own analysis of the platform's manifests, without a cluster. */
export function istioctl({ platformFiles }: Manifests): Verdict {
  const result = run('istioctl', ['analyze', '--use-kube=false', '--output', 'json', ...platformFiles]);
  if (result === undefined) return missing('istioctl', 'https://istio.io/latest/docs/ops/diagnostic-tools/istioctl/');
  const messages = JSON.parse(result.stdout || '[]') as {
    code: string;
    level: string;
    message: string;
    origin?: string;
  }[];
  const errors = messages
    .filter(({ level }) => level !== 'Info')
    .map(({ code, level, message, origin }) => `${level} ${code} ${origin ?? ''}: ${message}`);
  return {
    tool: 'istioctl analyze',
    errors: result.status !== 0 && errors.length === 0 ? lines(result.stderr) : errors,
    note: `${platformFiles.length} files`,
  };
}

/** Helm's own check of the charts. */
export function helmLint({ root }: Manifests): Verdict {
  const result = run('helm', ['lint', '--quiet', '--with-subcharts', join(root, 'charts/fairlead')]);
  if (result === undefined) return missing('helm lint', 'https://helm.sh/docs/intro/install/');
  return {
    tool: 'helm lint',
    errors: result.status === 0 ? [] : lines(result.stdout + result.stderr),
    note: 'charts/fairlead and its parts',
  };
}
