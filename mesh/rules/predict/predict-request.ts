// What would happen to a request from outside: the Gateway that takes its host, the ingress gateway's own policies, the
// routes bound to it, and the sidecar of the service behind them.

import { authorize, compileAuthorization } from '../authz/authorize.ts';
import { normalizePath } from '../authz/path-normalization.ts';
import type { VerifiedToken } from '../authz/request.ts';
import type { RuleSet } from '../model/rule-set.ts';
import { localReply } from '../routing/decide.ts';
import { gatewayPort } from '../routing/gateway-port.ts';
import { headersFrom } from '../routing/match/call.ts';
import { Outbound } from '../routing/outbound.ts';
import { ingressGateways, ingressWorkload } from './find-workload.ts';
import { answered, follow, type Prediction } from './follow.ts';

/** A request as a client of the outside sends it. */
export interface RequestQuestion {
  /** With a query, if there is one. */
  readonly path: string;
  /** @default GET */
  readonly httpMethod?: string;
  /** The Host field. @default a host that the first Gateway takes */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A token that the edge has verified. */
  readonly token?: VerifiedToken;
}

export function predictRequest(rules: RuleSet, question: RequestQuestion): Prediction {
  const { httpMethod: method = 'GET', host: authority = anyHost(rules), headers = {}, token } = question;
  const host = authority.replace(/:[0-9]+$/, '').toLowerCase();
  const port = gatewayPort(rules, host);
  if (port === undefined) return answered(question.path, localReply(404, `no Gateway takes the host ${host}`, 'NR'));
  const path = normalizePath(question.path, rules.mesh.pathNormalization);
  if (path === undefined) return answered(question.path, localReply(400, 'the path cannot be normalised', '-'));
  const client = ingressWorkload(rules);
  const fields = headersFrom(headers);
  const verified = token === undefined ? {} : { token };
  const entry = authorize(compileAuthorization(rules, client), {
    method,
    path: path.split('?')[0] ?? path,
    host: authority,
    port,
    headers: fields,
    sourceIp: '127.0.0.1',
    remoteIp: '127.0.0.1',
    ...verified,
  });
  if (!entry.allowed)
    return answered(path, localReply(403, `not let in by the ingress gateway: ${entry.because}`, 'RBAC'));
  return follow(rules, {
    client,
    outbound: new Outbound(rules, client, ingressGateways(rules)),
    call: { host, port, authority, method, path, scheme: 'http', headers: fields, claims: token?.claims },
    ...verified,
  });
}

/** Where a Gateway takes every host, the name says nothing; a wildcard needs some name in front. */
function anyHost(rules: RuleSet): string {
  const named = rules.objects('Gateway')[0]?.spec.servers?.[0]?.hosts[0] ?? '*';
  const host = named.slice(named.indexOf('/') + 1);
  return host === '*' ? 'localhost' : host.replace(/^\*/, 'www');
}
