// What every check is given, and what a check is.
import type { ApiClient } from '../story/api-client.ts';
import type { Cluster } from './access/cluster.ts';
import type { Edge, Method } from './access/declared.ts';
import type { Deployment } from './deploy/deployment.ts';

/** The deployed platform and how to reach it. */
export interface Stage {
  readonly cluster: Cluster;
  readonly deployment: Deployment;
  /** The platform through the ingress gateway. */
  readonly api: ApiClient;
  /** Every method of every service. */
  readonly methods: readonly Method[];
  /** Who may call what, from the manifests. */
  readonly edges: readonly Edge[];
  /** Is told of progress. */
  readonly tell: (line: string) => void;
}

/** One thing that must hold on a cluster. It throws when it does not. */
export interface Check {
  readonly number: number;
  readonly name: string;
  /** Asked whichever way the platform was deployed. @default false */
  readonly short?: boolean;
  readonly run: (stage: Stage) => Promise<void>;
}
