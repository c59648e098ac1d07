// The status of a running mesh, for people.

import type { LiveChange } from '../control/live-change.ts';
import type { MeshStatus } from '../control/status.ts';
import { columns, type Output } from './output.ts';

function describe(change: LiveChange): string {
  if (change.kind === 'set') return `${change.service} ${change.path}=${change.value}`;
  const parts = [
    change.delay === undefined ? '' : `delay ${change.delay}`,
    change.abort === undefined ? '' : `abort ${change.abort}`,
  ];
  return `fault on ${change.service}${change.method === undefined ? '' : ` ${change.method}`}: ${parts.filter(Boolean).join(', ')} for ${change.percent} %`;
}

export function writeStatus(status: MeshStatus, output: Output): void {
  const { rules, workloads, clusters, changes } = status;
  output.line(
    `rules ${rules.version}, ${rules.warnings} warnings${rules.refused.length > 0 ? '; the files as they are now are refused:' : ''}`,
  );
  for (const problem of rules.refused) output.line(`  ${problem}`);
  if (workloads.length > 0)
    output.line(columns(workloads.map((each) => [each.name, `${each.state}, ${each.mtls} mTLS, ${each.identity}`])));
  if (status.ingressPort !== undefined) output.line(`ingress on port ${status.ingressPort}`);
  for (const cluster of clusters) {
    if (cluster.ejected.length === 0 && cluster.overflows === 0) continue;
    const ejected = cluster.ejected.map(
      (each) => `${each.instance} ejected (${each.reason}, ${Math.ceil(each.forMs / 1000)} s more)`,
    );
    const overflows = cluster.overflows > 0 ? [`${cluster.overflows} calls over the limit`] : [];
    output.line(`  ${cluster.from} to ${cluster.cluster}: ${[...ejected, ...overflows].join(', ')}`);
  }
  for (const change of changes) output.line(`live: ${describe(change)}`);
  if (changes.length > 0) output.line('"npm run mesh -- reset" undoes live changes.');
}
