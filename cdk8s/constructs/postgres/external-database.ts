// The Secret with a database's URL where the URL is a chart value: a PostgreSQL that is not ours.
// Without that value the Secret is made in the cluster, see secrets/, and its password is in no file at all.
import type { Construct } from 'constructs';
import { onlyWhen } from '../../objects/condition.ts';
import { meshObject } from '../../objects/mesh-object.ts';
import { Expression } from '../../values/expression.ts';
import type { ReleaseChart } from '../release-chart.ts';

/** Adds the Secret `<name>-database-external`. */
export function externalDatabase(scope: Construct, chart: ReleaseChart, name: string): void {
  const { postgresUrl, externalPostgres } = chart.globals;
  const url = new Expression(`replace "{service}" ${JSON.stringify(name)} ${postgresUrl.template}`, '', 'string');
  const secret = meshObject(
    scope,
    'Secret',
    { name: `${name}-database-external`, labels: chart.labelsOf(name) },
    { type: 'Opaque', stringData: { url: url.token } },
  );
  onlyWhen(secret, externalPostgres);
}
