// skaffold.yaml: builds every image from the one Dockerfile and deploys the umbrella chart with what it built.
// Profiles: development (the default, images stay on this machine), production, and a builder that needs no Docker.
import { stringify } from 'yaml';
import type { MeshPlatform } from '../constructs/mesh-platform.ts';

const head = `# Written by \`npm run synth\` from cdk8s/. Do not edit.
#   skaffold dev                   build, deploy, follow the logs, again at every change
#   skaffold run                   the same once
#   skaffold run -p production     push images, two pods a version, a PostgreSQL of your own (FAIRLEAD_POSTGRES_URL)
#   skaffold run -p custom-builder build with scripts/build-image.sh, where there is no Docker
`;

/** What every image is made of, beside its service. */
const shared = [
  'Dockerfile',
  'package.json',
  'package-lock.json',
  'cdk8s/image/**',
  'kit/**',
  'transport/**',
  'proto/**',
];

/** Name of an image in Skaffold's template variables. */
function variable(service: string): string {
  return `fairlead_${service}`.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

/** The content of skaffold.yaml. @see https://skaffold.dev/docs/references/yaml/ */
export function skaffoldFile(platform: MeshPlatform): string {
  const { name, services } = platform.model;
  const names = services.map((service) => service.name);
  const artifacts = names.map((service) => ({
    image: `${name}/${service}`,
    context: '.',
    docker: { dockerfile: 'Dockerfile', buildArgs: { SERVICE: service } },
  }));
  const custom = names.map((service) => ({
    image: `${name}/${service}`,
    context: '.',
    custom: {
      buildCommand: `scripts/build-image.sh ${service}`,
      dependencies: { paths: [...shared, `services/${service}/**`] },
    },
  }));
  const maker = services.find(({ policy }) => policy.secrets !== undefined)?.name ?? names[0] ?? '';
  const images = Object.fromEntries(
    [...names.map((service) => [service, service] as const), ['secrets', maker] as const].flatMap(([key, service]) => [
      [`${key}.image.repository`, `{{.IMAGE_REPO_${variable(service)}}}`],
      [`${key}.image.tag`, `{{.IMAGE_TAG_${variable(service)}}}`],
    ]),
  );
  const release = {
    name,
    chartPath: `charts/${name}`,
    namespace: name,
    createNamespace: true,
    // The umbrella holds its charts; otherwise Skaffold leaves a Chart.lock behind.
    skipBuildDependencies: true,
    setValueTemplates: images,
  };
  const production = {
    ...release,
    wait: true,
    setValues: Object.fromEntries(names.map((service) => [`${service}.autoscaling.min`, 2])),
    setValueTemplates: { ...images, 'global.postgres.url': '{{.FAIRLEAD_POSTGRES_URL}}' },
  };
  const file = {
    apiVersion: 'skaffold/v4beta11',
    kind: 'Config',
    metadata: { name },
    build: { artifacts, tagPolicy: { inputDigest: {} }, local: { push: false, useBuildkit: true, concurrency: 2 } },
    deploy: { helm: { releases: [release] }, statusCheckDeadlineSeconds: 600 },
    profiles: [
      {
        name: 'development',
        activation: [{ command: 'dev' }],
        deploy: { helm: { releases: [{ ...release, setValues: { 'global.logLevel': 'debug' } }] } },
      },
      {
        name: 'production',
        build: { artifacts, tagPolicy: { gitCommit: {} }, local: { push: true } },
        deploy: { helm: { releases: [production] } },
      },
      {
        name: 'custom-builder',
        build: { artifacts: custom, tagPolicy: { inputDigest: {} }, local: { push: true, concurrency: 1 } },
      },
    ],
  };
  return head + stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
}
