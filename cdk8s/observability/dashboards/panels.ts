// Panels of dashboards: a title, queries, a unit. Places are given by the row that they stand in.
// See https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/

/** One line, or set of lines, in a panel. */
export interface Query {
  readonly expr: string;
  /** Name of a line; `{{label}}` is replaced by the label's value. */
  readonly legend: string;
}

/** A panel before it has a place. */
export interface Panel {
  readonly title: string;
  readonly queries: readonly Query[];
  /** Grafana's name of the unit. */
  readonly unit: 'reqps' | 's' | 'percentunit' | 'short' | 'bytes';
  /** @default 'timeseries' */
  readonly type?: 'timeseries' | 'stat';
}

const columns = 24;

function panelJson(panel: Panel, id: number, place: { x: number; y: number; w: number; h: number }): object {
  return {
    id,
    title: panel.title,
    type: panel.type ?? 'timeseries',
    gridPos: place,
    datasource: { type: 'prometheus', uid: 'prometheus' },
    fieldConfig: {
      defaults: { unit: panel.unit, min: 0, custom: { fillOpacity: 8, showPoints: 'never' } },
      overrides: [],
    },
    options:
      panel.type === 'stat'
        ? {}
        : { legend: { displayMode: 'table', placement: 'bottom', calcs: ['mean', 'max'] }, tooltip: { mode: 'multi' } },
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      expr,
      legendFormat: legend,
    })),
  };
}

/** Rows of panels, each as wide as its share. */
export function placed(rows: readonly (readonly Panel[])[]): object[] {
  let id = 0;
  return rows.flatMap((row, y) =>
    row.map((panel, x) => {
      id += 1;
      const w = Math.floor(columns / row.length);
      return panelJson(panel, id, { x: x * w, y: y * 8, w, h: 8 });
    }),
  );
}

/** A variable that is chosen at the top of a dashboard. */
export function choice(name: string, query: string): object {
  return {
    name,
    type: 'query',
    datasource: { type: 'prometheus', uid: 'prometheus' },
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
  };
}

/** A dashboard as JSON. */
export function dashboard(
  uid: string,
  title: string,
  rows: readonly (readonly Panel[])[],
  variables: readonly object[] = [],
): object {
  return {
    uid,
    title,
    tags: ['fairlead'],
    schemaVersion: 41,
    editable: false,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: variables },
    panels: placed(rows),
  };
}
