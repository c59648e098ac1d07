// Who is measured, and what each needs that the product does not bring along.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { find, installCommand } from '../test/transport/tools.ts';
import type { Contender, Program } from './harness/pair.ts';

/** A contender that may not be installed. */
export interface KnownContender extends Contender {
  /** What is missing and how to get it. @default - nothing is */
  readonly missing?: string;
}

const at = (path: string): URL => new URL(path, import.meta.url);
const kit = at('./contenders/kit.ts');
const transport = at('./contenders/transport.ts');
const goPeer = fileURLToPath(at('./peers/go/bin/go-peer'));
const go: Program = [goPeer];

const peersMissing = existsSync(at('./peers/node_modules')) ? undefined : 'not installed: npm run bench:install';
const goMissing = existsSync(goPeer) ? undefined : 'not built: npm run bench:install (needs Go)';

const envoy = find('envoy');
const envoyMissing = envoy === undefined ? `Envoy is not installed: ${installCommand(['envoy'])}` : undefined;

const missing = (text: string | undefined): { readonly missing?: string } =>
  text === undefined ? {} : { missing: text };

/** The baseline of every table: bare grpc-js with proto-loader. */
export const baseline = 'grpc-js';

/** All contenders, by the name that tables show. */
export function contenders(collectorUrl: string): ReadonlyMap<string, KnownContender> {
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl, OTEL_TRACES_SAMPLER_ARG: '0.1' };
  const onGrpcJs = { ...traced, FAIRLEAD_TRANSPORT: 'grpc-js' };
  const peer = (name: string, file: string): KnownContender => ({
    name,
    server: at(`./peers/${file}.js`),
    client: at(`./peers/${file}.js`),
    ...missing(peersMissing),
  });
  const crossed = (name: string, server: Program, client: Program, env?: Record<string, string>): KnownContender => ({
    name,
    server,
    client,
    ...(env === undefined ? {} : { env }),
    ...missing(goMissing),
  });
  const behindEnvoy = (name: string, env: Record<string, string>): KnownContender => ({
    name: `${name} through two Envoys`,
    server: at('./contenders/behind-envoy.ts'),
    client: at('./contenders/behind-envoy.ts'),
    env: { ...env, BENCH_BEHIND: name, BENCH_ENVOY: envoy ?? '' },
    ...missing(envoyMissing),
  });
  const all: readonly KnownContender[] = [
    peer(baseline, 'grpc-js'),
    { name: 'kit', server: kit, client: kit, env: traced },
    { name: 'kit on grpc-js', server: kit, client: kit, env: onGrpcJs },
    { name: 'transport', server: transport, client: transport },
    peer('node:http2 by hand', 'node-http2'),
    peer('NestJS gRPC', 'nestjs'),
    peer('connect-node', 'connect-node'),
    peer('Fastify + undici, JSON', 'fastify-undici'),
    peer('Express + axios, JSON', 'express-axios'),
    crossed('Go', go, go),
    crossed('Go client, kit server', kit, go, traced),
    crossed('Go client, transport server', transport, go),
    crossed('transport client, Go server', go, transport),
    behindEnvoy('transport', {}),
    behindEnvoy('kit', traced),
  ];
  return new Map(all.map((contender) => [contender.name, contender]));
}
