// A whole platform: a chart a service, and one for what they share. This is what somebody else's platform starts with.
// Nothing is written here; output/ turns the charts into files.
import { App } from 'cdk8s';
import { type PlatformDeclaration, resolvePlatform } from '../model/resolve-platform.ts';
import type { PlatformModel } from '../model/service-model.ts';
import { TokenResolver } from '../values/token-resolver.ts';
import { MeshNamespace } from './mesh-namespace.ts';
import { MeshService } from './mesh-service.ts';
import { externalDatabase } from './postgres/external-database.ts';
import { Postgres } from './postgres/postgres.ts';
import { ReleaseChart } from './release-chart.ts';
import { databasesOf, ReleaseSecrets } from './secrets/release-secrets.ts';
import { eventLog, type IdentityEndpoint } from './workload/environment.ts';

/** Options of {@link MeshPlatform}. */
export interface MeshPlatformProps extends Omit<PlatformDeclaration, 'policies' | 'policyFile'> {
  /** By service name. @default - every service has the defaults */
  readonly policies?: PlatformDeclaration['policies'];
  /** File of the policies, for messages. @default 'platform.ts' */
  readonly policyFile?: string;
  /** Service that signs access tokens, and where it shows their public keys. @default - no tokens are verified */
  readonly identity?: IdentityEndpoint;
}

/** A platform as charts, not yet written. */
export class MeshPlatform {
  readonly app: App;
  readonly model: PlatformModel;
  /** The chart over all others, with what they share. */
  readonly umbrella: ReleaseChart;
  /** A chart a service. */
  readonly charts: readonly ReleaseChart[];

  /** @throws SynthError with every reason to refuse */
  constructor(props: MeshPlatformProps) {
    this.model = resolvePlatform({ policies: {}, policyFile: 'platform.ts', ...props });
    this.app = new App({ resolvers: [new TokenResolver()] });
    const { name } = this.model;
    this.umbrella = new ReleaseChart(this.app, name, {
      platform: name,
      description: `The platform ${name}: its services, the mesh around them, and what they share.`,
      order: 10,
    });
    new MeshNamespace(this.umbrella);
    const databases = databasesOf(this.model);
    if (databases.length > 0 || this.model.services.some(({ policy }) => policy.secrets !== undefined)) {
      new ReleaseSecrets(this.umbrella, this.model);
    }
    if (databases.length > 0) new Postgres(this.umbrella, this.model);
    if (databases.includes(eventLog)) externalDatabase(this.umbrella, this.umbrella, eventLog);
    this.charts = this.model.services.map((service) => {
      const chart = new ReleaseChart(this.app, service.name, {
        platform: name,
        description: service.manifest.description,
        order: service.edge ? 40 : 30,
      });
      new MeshService(chart, { service, ...(props.identity === undefined ? {} : { identity: props.identity }) });
      return chart;
    });
  }
}
