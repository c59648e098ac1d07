// Reads lists from the Kubernetes API with the pod's own service account.
// Not through the official client: importing that costs 84 MB of memory for three GET requests.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import type { KitConfig } from '../../config/kit-variables.ts';

/** Where the API is and how to be let in. */
export interface KubernetesAccess {
  readonly host: string;
  readonly port: string;
  /** Folder of the mounted service account: `token` and `ca.crt`. */
  readonly folder: string;
}

/** The parts of objects that the registry reads. */
export interface KubernetesObject {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
}

/** Where Kubernetes mounts the service account of a pod. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Access from within a pod; undefined outside of a cluster, or where the pod has no service account mounted. */
export function kubernetesAccess(config: KitConfig): KubernetesAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = config;
  if (host === '' || !existsSync(`${serviceAccountFolder}/token`)) return undefined;
  return { host, port: String(port), folder: serviceAccountFolder };
}

const timeoutMs = 3_000;

/**
 * Reads one list.
 *
 * @param path `/api/v1/namespaces/fairlead/services`
 * @throws Error when the API does not answer with 200
 */
export async function kubernetesList(access: KubernetesAccess, path: string): Promise<readonly KubernetesObject[]> {
  // Read anew each time: the token is rotated.
  const [token, ca] = await Promise.all([
    readFile(`${access.folder}/token`, 'utf8'),
    readFile(`${access.folder}/ca.crt`, 'utf8'),
  ]);
  const text = await new Promise<string>((resolve, reject) => {
    const outgoing = request(
      {
        host: access.host,
        port: access.port,
        path,
        ca,
        agent: false,
        headers: { authorization: `Bearer ${token.trim()}`, accept: 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
      },
      async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          if (response.statusCode !== 200)
            throw new Error(`the Kubernetes API answered ${path} with ${response.statusCode}`);
          resolve(Buffer.concat(chunks).toString('utf8'));
        } catch (error) {
          reject(error);
        }
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
  const { items = [] } = JSON.parse(text) as { readonly items?: readonly KubernetesObject[] };
  return items;
}
