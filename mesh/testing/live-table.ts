// The same table on live traffic: each row is called through the caller's own sidecar, and the mesh's metrics say where
// the calls went. Rows are real calls with an empty message: choose methods that may be called with one.

import assert from 'node:assert/strict';
import { type Client, connect } from '#transport';
import type { Mesh } from '../proxy/mesh.ts';
import { grpcStatusName, predict } from '../rules/index.ts';
import { findServiceByName } from '../rules/predict/find-workload.ts';
import { type MeshRow, rowName } from './mesh-table.ts';
import { openTunnel } from './open-tunnel.ts';

export interface LiveTableOptions {
  /** Calls a row. @default 200 */
  readonly calls?: number;
  /** @default 16 */
  readonly atOnce?: number;
}

/** Calls each row on a running mesh. Compares `allowed`, `shares` (within five standard deviations) and `answered`. */
export async function checkLive(
  mesh: Mesh,
  row: MeshRow,
  { calls = 200, atOnce = 16 }: LiveTableOptions = {},
): Promise<void> {
  const { path } = predict(mesh.rules, row);
  const sidecar = [...mesh.sidecars.values()].find(
    (each) => each.name === row.from || each.workload.name === row.from || each.workload.labels.get('app') === row.from,
  );
  if (sidecar === undefined)
    throw new Error(`no workload of the running mesh is ${row.from}: ${[...mesh.sidecars.keys()].join(', ')}`);
  const service = findServiceByName(mesh.rules, row.to);
  const target = `${service.host}:${row.port ?? service.ports[0]?.number ?? 80}`;
  const before = received(mesh, sidecar.workload.name, service.host);
  const client = connect({ target: () => openTunnel(new URL(sidecar.proxyUrl), target), authority: target });
  const codes = await callMany(client, path, row.headers ?? {}, calls, atOnce).finally(() => client.close());
  const { allowed, answered, shares } = row.expect;
  const seen = [...new Set(codes)].map(grpcStatusName).join(', ');
  if (allowed !== undefined) {
    const denied = codes.filter((code) => code === 7).length;
    assert.equal(denied, allowed ? 0 : calls, `${rowName(row)}: ${denied} of ${calls} calls were denied (${seen})`);
  }
  if (answered !== undefined) assert.equal(seen, answered, `${rowName(row)}: answered ${seen}`);
  if (shares !== undefined)
    compareShares(row, shares, before, received(mesh, sidecar.workload.name, service.host), calls);
}

type Counts = ReadonlyMap<string, number>;

/** Calls by version of the instance, as the caller's sidecar counted them. */
function received(mesh: Mesh, from: string, host: string): Counts {
  const counts = new Map<string, number>();
  for (const { labels, count } of mesh.metrics.all()) {
    if (labels.reporter !== 'source' || labels.source_workload !== from || labels.destination_service !== host)
      continue;
    const version = labels.destination_version ?? '';
    counts.set(version, (counts.get(version) ?? 0) + count);
  }
  return counts;
}

function compareShares(
  row: MeshRow,
  shares: Readonly<Record<string, number>>,
  before: Counts,
  after: Counts,
  calls: number,
): void {
  for (const [name, percent] of Object.entries(shares)) {
    const got = (after.get(name) ?? 0) - (before.get(name) ?? 0);
    const share = percent / 100;
    const bound = 5 * Math.sqrt(calls * share * (1 - share));
    assert.ok(
      Math.abs(got - calls * share) <= bound,
      `${rowName(row)}: ${name} got ${got} of ${calls} calls, expected ${percent} %`,
    );
  }
}

async function callMany(
  client: Client,
  path: string,
  headers: Readonly<Record<string, string>>,
  calls: number,
  atOnce: number,
): Promise<number[]> {
  const codes: number[] = [];
  const metadata = Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]);
  let left = calls;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      client.unary(
        path,
        new Uint8Array(),
        { metadata, timeout: 30_000 },
        {
          onEnd: (call) => {
            codes.push(call.code);
            resolve();
          },
        },
      );
    });
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await one();
    }),
  );
  return codes;
}
