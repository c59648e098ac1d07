// What the registry says of a service, wherever it was learnt from.

/** One address that answers for a service. */
export interface RegisteredEndpoint {
  /** `10.1.2.3:50051` */
  readonly address: string;
  readonly ready: boolean;
  /** Version of the process behind it. @default - not known */
  readonly version?: string;
  /** Pod behind it. @default - none */
  readonly pod?: string;
}

/** One service of the platform. */
export interface RegisteredService {
  readonly name: string;
  readonly description: string;
  /** gRPC service that it implements; empty for an HTTP edge. */
  readonly contract: string;
  /** Name and port under which it is dialled; empty for an HTTP edge. */
  readonly address: string;
  /** Versions that are deployed. */
  readonly versions: readonly string[];
  /** Services that it calls. */
  readonly calls: readonly string[];
  readonly endpoints: readonly RegisteredEndpoint[];
}

/** The platform's services as one moment knows them. */
export interface Registry {
  /** Where the endpoints were learnt from. */
  readonly source: 'kubernetes' | 'dns';
  readonly services: readonly RegisteredService[];
}
