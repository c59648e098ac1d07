// Grafana's provisioning: Prometheus and Jaeger as sources, and the dashboards from files.
// Nobody can change anything there; dashboards are code and change in the repository.
import { stringify } from 'yaml';

/** Data sources. @see https://grafana.com/docs/grafana/latest/administration/provisioning/ */
export function grafanaSources(): string {
  return stringify({
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: 'http://prometheus:9090',
        isDefault: true,
      },
      { name: 'Jaeger', uid: 'jaeger', type: 'jaeger', access: 'proxy', url: 'http://jaeger:16686' },
    ],
  });
}

/** Where dashboards are. */
export function grafanaProviders(): string {
  return stringify({
    apiVersion: 1,
    providers: [{ name: 'fairlead', type: 'file', disableDeletion: true, options: { path: '/var/lib/boards' } }],
  });
}

/** Settings: readable without a login inside the cluster, changeable by nobody. */
export const grafanaEnvironment: Readonly<Record<string, string>> = {
  GF_AUTH_ANONYMOUS_ENABLED: 'true',
  GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
  GF_AUTH_DISABLE_LOGIN_FORM: 'true',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
};
