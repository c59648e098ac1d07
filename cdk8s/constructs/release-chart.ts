// One Helm chart: objects, and the values that they read. The same objects at the defaults become a file of infra/.
// Its name is the folder's name below charts/.
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { ChartValues } from '../values/chart-values.ts';
import { declareGlobals, type Globals } from './globals.ts';

/** Options of {@link ReleaseChart}. */
export interface ReleaseChartProps {
  /** Platform that the chart is part of, and its namespace at the defaults. */
  readonly platform: string;
  /** One sentence for Chart.yaml. */
  readonly description: string;
  /** Position of its file in infra/, which is applied in order: `30`. */
  readonly order: number;
}

/** A chart with values. */
export class ReleaseChart extends Chart {
  readonly chartName: string;
  readonly platform: string;
  readonly description: string;
  readonly order: number;
  readonly values: ChartValues;
  readonly globals: Globals;

  constructor(scope: Construct, name: string, props: ReleaseChartProps) {
    super(scope, name, { disableResourceNameHashes: true });
    this.chartName = name;
    this.platform = props.platform;
    this.description = props.description;
    this.order = props.order;
    this.values = new ChartValues();
    this.globals = declareGlobals(this.values, props.platform);
  }

  /** Labels of every object of a component of the release. */
  labelsOf(component: string): Readonly<Record<string, string>> {
    return {
      'app.kubernetes.io/name': component,
      'app.kubernetes.io/instance': this.globals.release.token,
      'app.kubernetes.io/part-of': this.platform,
    };
  }
}
