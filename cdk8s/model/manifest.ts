// What synth reads of a service's manifest, with plain strings for names: any manifest of the kit fits it,
// and so does one whose contracts the compiler here does not know.

/** A variable of a manifest, as far as deployment needs it. */
export interface ManifestVariable {
  readonly kind: string;
  readonly description: string;
  readonly default?: unknown;
  readonly secret?: boolean;
}

/** See `ServiceManifest` in `kit/manifest.ts`. */
export interface Manifest {
  readonly name: string;
  readonly contract?: string;
  readonly description: string;
  readonly versions?: readonly string[];
  readonly calls?: Readonly<Record<string, { readonly contract: string; readonly methods: readonly string[] }>>;
  readonly database?: { readonly engine: 'postgres' };
  readonly publishes?: readonly string[];
  readonly consumes?: readonly string[];
  readonly config?: Readonly<Record<string, ManifestVariable>>;
  readonly httpPort?: number;
}

/** A manifest and the file that declares it, for messages. */
export interface ManifestSource {
  readonly file: string;
  readonly manifest: Manifest;
}

/** Whether the service takes part in events, and so needs the event log. */
export function usesEvents(manifest: Manifest): boolean {
  return (manifest.publishes?.length ?? 0) + (manifest.consumes?.length ?? 0) > 0;
}
