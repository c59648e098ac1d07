// What would happen to a call between workloads: the question as people put it, made into one that can be followed.

import type { VerifiedToken } from '../authz/request.ts';
import type { RuleSet } from '../model/rule-set.ts';
import { headersFrom } from '../routing/match/call.ts';
import { Outbound } from '../routing/outbound.ts';
import { findServiceByName, findWorkload, INGRESS, ingressGateways } from './find-workload.ts';
import { follow, type Prediction } from './follow.ts';
import { resolveMethod } from './resolve-method.ts';

export interface CallQuestion {
  /** A Deployment, a service, or `ingress`. */
  readonly from: string;
  readonly to: string;
  /** `/package.Service/Method`, or the method alone when a rule names it. */
  readonly method: string;
  /** @default the service's only (or first) port */
  readonly port?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A verified token of the caller. */
  readonly token?: VerifiedToken;
  /** The host that an outside caller names, for calls from `ingress`. @default the service's own name */
  readonly host?: string;
  /** The caller has no sidecar and speaks plaintext. @default false */
  readonly plaintext?: boolean;
}

export function predict(rules: RuleSet, question: CallQuestion): Prediction {
  const client = findWorkload(rules, question.from);
  const service = findServiceByName(rules, question.to);
  const path = resolveMethod(rules, service, question.method);
  const port = question.port ?? service.ports[0]?.number ?? 80;
  const host = question.host ?? service.host;
  const fromIngress = question.from === INGRESS;
  const { token, plaintext } = question;
  return follow(rules, {
    client,
    service,
    outbound: new Outbound(rules, client, fromIngress ? ingressGateways(rules) : ['mesh']),
    call: {
      host,
      port,
      authority: `${host}:${port}`,
      method: 'POST',
      path,
      scheme: 'http',
      headers: headersFrom({ 'content-type': 'application/grpc', ...question.headers }),
    },
    ...(token === undefined ? {} : { token }),
    ...(plaintext === undefined ? {} : { plaintext }),
  });
}
