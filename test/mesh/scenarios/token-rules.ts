// RequestAuthentication: which tokens are taken, and policies about what they say.
import type { Call, Scenario, Verdict } from '../scenario.ts';
import { authorization, guarded, requestAuthentication } from './rule-texts.ts';
import { EXPIRED, FORGED, ISSUER, JWKS, NOT_YET, OTHER_AUDIENCE, OTHER_ISSUER, PLAIN, VALID } from './tokens.ts';

const scenario = guarded('tokens');
const bearer = (token: string): Call => ({ from: 'client', headers: { authorization: `Bearer ${token}` } });
const none: Call = { from: 'client' };
const ok = { codes: { 0: 1 } };
/** HTTP 401 in gRPC's words. */
const unknown: Verdict = { codes: { 16: 1 }, reached: { server: 0 } };
const denied: Verdict = { codes: { 7: 1 }, reached: { server: 0 } };
const rule = (more = ''): string =>
  requestAuthentication(`jwtRules:\n- issuer: ${ISSUER}\n  jwks: '${JWKS}'\n${more === '' ? '' : `  ${more}`}`);
const allow = (rules: string): string => authorization('allow', `rules: ${rules}`);

export const TOKENS: readonly Scenario[] = [
  scenario(
    'a valid token passes, and so does a call without one',
    [rule()],
    [
      { call: bearer(VALID), expect: ok },
      { call: none, expect: ok },
    ],
  ),
  scenario(
    'expired, early, forged and broken tokens are UNAUTHENTICATED',
    [rule()],
    [
      { call: bearer(EXPIRED), expect: unknown },
      { call: bearer(NOT_YET), expect: unknown },
      { call: bearer(FORGED), expect: unknown },
      { call: bearer('no.token.atall'), expect: unknown },
      { call: bearer(VALID), expect: ok },
    ],
  ),
  scenario('a token of another issuer is UNAUTHENTICATED', [rule()], [{ call: bearer(OTHER_ISSUER), expect: unknown }]),
  scenario(
    'audiences',
    [rule('audiences: [parity]')],
    [
      { call: bearer(VALID), expect: ok },
      // Envoy says 403 here and nothing else does: the token is known, only not meant for this service.
      { call: bearer(OTHER_AUDIENCE), expect: denied },
    ],
  ),
  scenario(
    'a policy can ask for any token',
    [rule(), allow("[{ from: [{ source: { requestPrincipals: ['*'] } }] }]")],
    [
      { call: bearer(VALID), expect: ok },
      { call: none, expect: denied },
      { call: bearer(EXPIRED), expect: unknown },
    ],
  ),
  scenario(
    'a policy by request principal',
    [rule(), allow(`[{ from: [{ source: { requestPrincipals: ['${ISSUER}/ann'] } }] }]`)],
    [
      { call: bearer(VALID), expect: ok },
      { call: none, expect: denied },
    ],
  ),
  scenario(
    'DENY where there is no token',
    [rule(), authorization('deny', "action: DENY\nrules: [{ from: [{ source: { notRequestPrincipals: ['*'] } }] }]")],
    [
      { call: bearer(VALID), expect: ok },
      { call: none, expect: denied },
    ],
  ),
  scenario(
    'claims: a text and a list',
    [
      rule(),
      allow(
        "[{ when: [{ key: 'request.auth.claims[tier]', values: [gold] }, { key: 'request.auth.claims[groups]', values: [admin] }] }]",
      ),
    ],
    [
      { call: bearer(VALID), expect: ok },
      { call: bearer(PLAIN), expect: denied },
      { call: none, expect: denied },
    ],
  ),
  scenario(
    'a token in a header of its own',
    [rule('fromHeaders: [{ name: x-token, prefix: "Token " }]')],
    [
      { call: { from: 'client', headers: { 'x-token': `Token ${EXPIRED}` } }, expect: unknown },
      {
        call: { from: 'client', headers: { 'x-token': `Token ${VALID}` } },
        expect: { codes: { 0: 1 }, headers: { 'x-token': null } },
      },
    ],
  ),
  scenario(
    'the token goes on to the service when the rule says so',
    [rule('forwardOriginalToken: true')],
    [{ call: bearer(VALID), expect: { codes: { 0: 1 }, headers: { authorization: /^Bearer / } } }],
  ),
  scenario(
    'a claim becomes a header',
    [rule('outputClaimToHeaders: [{ header: x-jwt-tier, claim: tier }]')],
    [{ call: bearer(VALID), expect: { codes: { 0: 1 }, headers: { 'x-jwt-tier': 'gold', authorization: null } } }],
  ),
  scenario(
    'request principals by the beginning',
    [rule(), allow(`[{ from: [{ source: { requestPrincipals: ['${ISSUER}/*'] } }] }]`)],
    [
      { call: bearer(VALID), expect: ok },
      { call: none, expect: denied },
    ],
  ),
  scenario(
    'audience and nested claims as conditions',
    [
      rule(),
      allow(
        "[{ when: [{ key: 'request.auth.audiences', values: [parity] }, { key: 'request.auth.claims[realm][role]', values: [keeper] }] }]",
      ),
    ],
    [
      { call: bearer(VALID), expect: ok },
      { call: bearer(PLAIN), expect: denied },
    ],
  ),
];
