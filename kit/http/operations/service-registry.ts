// Which services there are and who answers for them: declared in manifests; endpoints from Kubernetes where there is
// one, else from DNS. What cannot be learnt is left empty, never made up.
import { lookup } from 'node:dns/promises';
import type { ServiceManifest } from '../../manifest.ts';
import { type KubernetesAccess, kubernetesReader, type NamespaceLists } from './kubernetes-api.ts';
import type { RegisteredEndpoint, RegisteredService, Registry } from './registered-service.ts';

/** Options of {@link createServiceRegistry}. */
export interface ServiceRegistryOptions {
  readonly namespace: string;
  readonly domain: string;
  /** All manifests. */
  readonly declared: () => Promise<readonly ServiceManifest[]>;
  /** @default - DNS */
  readonly kubernetes?: KubernetesAccess | undefined;
}

const port = 50051;

/** Answers what services there are. */
export function createServiceRegistry(options: ServiceRegistryOptions): () => Promise<Registry> {
  const { kubernetes, namespace } = options;
  const read = kubernetes === undefined ? undefined : kubernetesReader(kubernetes);
  return async () => {
    const manifests = await options.declared();
    if (read === undefined) {
      const services = manifests.map(async (manifest) =>
        describe(options, manifest, await resolved(options, manifest)),
      );
      return { source: 'dns', services: await Promise.all(services) };
    }
    const found = endpointsByService(await read(namespace));
    const services = manifests.map((manifest) => describe(options, manifest, found.get(manifest.name) ?? []));
    // An image holds its own manifest only: the others are known by what Kubernetes says, and by who calls them.
    const contracts = new Map(manifests.flatMap(({ calls = {} }) => Object.entries(calls)));
    for (const [name, endpoints] of found) {
      if (name === '' || manifests.some((manifest) => manifest.name === name)) continue;
      const contract = contracts.get(name)?.contract;
      const versions = [...new Set(endpoints.flatMap(({ version }) => (version === undefined ? [] : [version])))];
      const known = contract === undefined ? {} : { contract };
      services.push(describe(options, { name, description: '', versions: versions.sort(), ...known }, endpoints));
    }
    return { source: 'kubernetes', services };
  };
}

function describe(
  options: ServiceRegistryOptions,
  manifest: ServiceManifest,
  endpoints: readonly RegisteredEndpoint[],
): RegisteredService {
  const { name, description, contract = '', versions = ['v1'], calls = {} } = manifest;
  const address = contract === '' ? '' : `${hostOf(options, name)}:${port}`;
  return { name, description, contract, address, versions, calls: Object.keys(calls), endpoints };
}

function hostOf({ namespace, domain }: ServiceRegistryOptions, name: string): string {
  return `${name}.${namespace}.svc.${domain}`;
}

async function resolved(
  options: ServiceRegistryOptions,
  { name, contract }: ServiceManifest,
): Promise<RegisteredEndpoint[]> {
  if (contract === undefined) return [];
  try {
    const addresses = await lookup(hostOf(options, name), { all: true });
    return addresses.map(({ address }) => ({ address: `${address}:${port}`, ready: true }));
  } catch {
    // On a laptop the mesh's proxy answers for the name, and DNS does not know it.
    return [];
  }
}

function endpointsByService({ slices, pods }: NamespaceLists): ReadonlyMap<string, readonly RegisteredEndpoint[]> {
  const versions = new Map(pods.map(({ metadata }) => [metadata?.name ?? '', metadata?.labels?.version]));
  const found = new Map<string, RegisteredEndpoint[]>();
  for (const slice of slices) {
    const service = slice.metadata?.labels?.['kubernetes.io/service-name'] ?? '';
    found.set(service, [...(found.get(service) ?? []), ...endpointsOf(slice, versions)]);
  }
  return found;
}

function endpointsOf(
  slice: NamespaceLists['slices'][number],
  versions: ReadonlyMap<string, string | undefined>,
): RegisteredEndpoint[] {
  const grpc = slice.ports?.find(({ name }) => name?.startsWith('grpc')) ?? slice.ports?.[0];
  return (slice.endpoints ?? []).flatMap(({ addresses = [], conditions, targetRef }) => {
    const pod = targetRef?.kind === 'Pod' ? targetRef.name : undefined;
    const version = pod === undefined ? undefined : versions.get(pod);
    return addresses.map((address) => ({
      address: `${address}:${grpc?.port ?? port}`,
      // The API leaves `ready` out where it is not known, which counts as ready.
      ready: conditions?.ready ?? true,
      ...(version === undefined ? {} : { version }),
      ...(pod === undefined ? {} : { pod }),
    }));
  });
}
