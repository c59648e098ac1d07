// Cross-origin rules of a route: which preflights the proxy answers by itself, and what it writes into other answers.
// Sources: istio route.go TranslateCORSPolicy (lists joined by commas, unmatched preflights go on unless IGNORE); Envoy
// cors_filter.cc: what is asked for in a preflight is not compared, that is the browser's part.

import type { CorsPolicy } from '../../read/kinds/virtual-service.ts';
import type { CallView } from '../match/call.ts';
import { compileStringMatch, type TextTest } from '../match/string-match.ts';
import type { HeaderChange } from './header-operations.ts';

type Fields = HeaderChange['set'];

export interface CorsRules {
  readonly allows: TextTest;
  /** In every answer to an allowed origin, beside the origin itself. */
  readonly exposed: Fields;
  /** Likewise, and in every answer to a preflight. */
  readonly credentials: Fields;
  /** In the answer to a preflight, beside those. */
  readonly preflight: Fields;
  /** A preflight of an origin that is not allowed goes on to the service. */
  readonly forwardsUnmatched: boolean;
}

export interface CorsDecision {
  /** The proxy answers, with these fields alone. */
  readonly answered: boolean;
  readonly fields: Fields;
}

const ANY = '*';

function joined(name: string, values: readonly string[] | undefined): Fields {
  return values === undefined || values.length === 0 ? [] : [[name, values.join(',')]];
}

export function compileCors(policy: CorsPolicy | undefined): CorsRules | undefined {
  if (policy === undefined) return undefined;
  const matches = policy.allowOrigins ?? policy.allowOrigin?.map((exact) => ({ exact })) ?? [];
  const tests = matches.map((each) => compileStringMatch(each));
  const { maxAge } = policy;
  return {
    // A rule that takes the text `*` takes every origin (CorsFilter::isOriginAllowed).
    allows: (origin) => tests.some((test) => test(ANY) || test(origin)),
    exposed: joined('access-control-expose-headers', policy.exposeHeaders),
    credentials: policy.allowCredentials === true ? [['access-control-allow-credentials', 'true']] : [],
    preflight: [
      ...joined('access-control-allow-methods', policy.allowMethods),
      ...joined('access-control-allow-headers', policy.allowHeaders),
      ...(maxAge === undefined ? [] : joined('access-control-max-age', [String(Math.floor(maxAge / 1000))])),
    ],
    forwardsUnmatched: policy.unmatchedPreflights !== 'IGNORE',
  };
}

export function decideCors(rules: CorsRules | undefined, call: CallView): CorsDecision | undefined {
  const origin = rules === undefined ? undefined : call.headers.get('origin');
  if (rules === undefined || origin === undefined || origin === '') return undefined;
  const preflight = call.method === 'OPTIONS' && (call.headers.get('access-control-request-method') ?? '') !== '';
  const { exposed, credentials, forwardsUnmatched } = rules;
  const answer = [...credentials, ...rules.preflight];
  if (!rules.allows(origin)) return preflight && !forwardsUnmatched ? { answered: true, fields: answer } : undefined;
  const allowed = [['access-control-allow-origin', origin] as const, ...exposed];
  return { answered: preflight, fields: [...allowed, ...(preflight ? answer : credentials)] };
}
