// Who may come in from outside: policies of the ingress gateway, tokens there and behind it, and whom the service lets in.
import type { Request, RequestStep, Scenario, Verdict } from '../../scenario.ts';
import { authorization, peerAuthentication, requestAuthentication } from '../rule-texts.ts';
import { EXPIRED, FORGED, ISSUER, JWKS, OTHER_AUDIENCE, OTHER_ISSUER, PLAIN, VALID } from '../tokens.ts';
import { edge, guardedEdge, ingressAuthentication, ingressAuthorization, toWeb, web } from './edge-rules.ts';

const scenario = edge('edge security');
const guarded = guardedEdge('edge security');
const ok: Verdict = { codes: { 200: 1 } };
const denied: Verdict = { codes: { 403: 1 }, body: 'RBAC: access denied', reached: { server: 0 } };
const step = (request: Request, expect: Verdict): RequestStep => ({ request, expect });
/** ALLOW at the gateway would have to allow what other scenarios do: these deny for this scenario's hosts alone. */
const deny = (operation: string, from = ''): string =>
  ingressAuthorization(
    `action: DENY\nrules: [{ ${from}to: [{ operation: { hosts: ["SERVER.parity.test", "SERVER.parity.test:*"]${operation} } }] }]`,
  );
const from = (source: string): string => `from: [{ source: { ${source} } }], `;
const IDENTITY =
  /^By=spiffe:\/\/cluster\.local\/ns\/[^/]+\/sa\/server;Hash=[0-9a-f]{64};.*URI=spiffe:\/\/cluster\.local\/ns\/[^/]+\/sa\/istio-ingressgateway$/;
const jwt = (more = ''): string => `jwtRules:\n- issuer: ${ISSUER}\n  jwks: '${JWKS}'\n${more}`;
const bearer = (token: string): Request => ({ headers: { authorization: `Bearer ${token}` } });
const inClaims = (token: string): Request => ({ headers: { 'x-claims-token': token } });
const inHeader = (token: string): Request => ({ headers: { 'x-edge-token': token } });
const unknown = (body: string | RegExp): Verdict => ({
  codes: { 401: 1 },
  body,
  responseHeaders: { 'www-authenticate': /^Bearer realm="http:\/\/[^"]+", error="invalid_token"$/ },
  reached: { server: 0 },
});

export const EDGE_SECURITY: readonly Scenario[] = [
  scenario(
    'a policy of the gateway about paths',
    toWeb,
    [
      step({ target: '/public' }, ok),
      step({ target: '/private' }, denied),
      step({ target: '/private/a?b' }, denied),
      step({ target: '/%70rivate' }, denied),
      step({ target: '/x/../private' }, denied),
      step({ target: '/Private' }, ok),
      step({ target: '//private' }, ok),
    ],
    { more: [deny(', paths: ["/private*"]')] },
  ),
  scenario(
    'a policy of the gateway about methods and ports',
    toWeb,
    [
      step({}, ok),
      step({ method: 'DELETE' }, denied),
      step({ method: 'DELETE', host: 'SERVER.parity.test:8080' }, denied),
      step({ method: 'DELETE', host: 'SERVER.PARITY.test' }, denied),
    ],
    { more: [deny(', methods: [DELETE]')] },
  ),
  scenario(
    'a policy of the gateway about the address of the client',
    toWeb,
    [
      step({ target: '/far' }, denied),
      step({ target: '/near' }, ok),
      step({ target: '/near', headers: { 'x-forwarded-for': '203.0.113.1' } }, ok),
    ],
    {
      more: [deny(', paths: ["/far"]', from('remoteIpBlocks: [OUTSIDE]'))],
    },
  ),
  scenario(
    'an address that the client invents is not believed',
    toWeb,
    [
      step({}, ok),
      step({ headers: { 'x-forwarded-for': '203.0.113.1' } }, ok),
      step({ headers: { 'x-forwarded-for': '203.0.113.1, 203.0.113.2' } }, ok),
    ],
    { more: [deny('', from('notRemoteIpBlocks: [OUTSIDE]'))] },
  ),
  scenario(
    'the address of the connection',
    toWeb,
    [step({}, denied), step({ headers: { 'x-forwarded-for': '203.0.113.1' } }, denied)],
    { more: [deny('', from('ipBlocks: [OUTSIDE/32]'))] },
  ),
  scenario(
    'a policy of the gateway about a header',
    toWeb,
    [step({}, ok), step({ headers: { 'x-blocked': 'yes' } }, denied)],
    {
      more: [
        ingressAuthorization(
          'action: DENY\nrules: [{ to: [{ operation: { hosts: ["SERVER.parity.test"] } }], when: [{ key: "request.headers[x-blocked]", values: ["yes"] }] }]',
        ),
      ],
    },
  ),
  scenario(
    'tokens at the gateway, and a policy that asks for one',
    toWeb,
    [
      step({}, denied),
      step(inHeader(VALID), { ...ok, headers: { 'x-edge-token': null } }),
      step(inHeader(PLAIN), ok),
      step(inHeader(EXPIRED), unknown('Jwt is expired')),
      step(
        { ...inHeader(EXPIRED), target: '/a?b=c' },
        {
          ...unknown('Jwt is expired'),
          responseHeaders: {
            'www-authenticate': /^Bearer realm="http:\/\/[^/]+\.parity\.test\/a\?b=c", error="invalid_token"$/,
          },
        },
      ),
      step(inHeader(FORGED), unknown('Jwt verification fails')),
      step(inHeader(OTHER_ISSUER), unknown('Jwt issuer is not configured')),
      step(inHeader('no.token.atall'), unknown(/^Jwt /)),
      step(inHeader(OTHER_AUDIENCE), {
        codes: { 403: 1 },
        body: 'Audiences in Jwt are not allowed',
        reached: { server: 0 },
      }),
    ],
    {
      more: [
        ingressAuthentication(jwt('  audiences: [parity]\n  fromHeaders: [{ name: x-edge-token }]')),
        deny('', from('notRequestPrincipals: ["*"]')),
      ],
    },
  ),
  scenario(
    'routes by the claims of a token',
    [
      `- match: [{ headers: { "@request.auth.claims.groups": { exact: admin } } }]\n  route: [${web('v2')}]`,
      `- match: [{ headers: { "@request.auth.claims[realm][role]": { exact: keeper } } }]\n  route: [${web('v2')}]`,
      `- match: [{ headers: { "@request.auth.claims.tier": { regex: "sil.*" } } }]\n  rewrite: { uri: /silver }\n  route: [${web('v1')}]`,
      toWeb,
    ].join('\n'),
    [
      step(inClaims(VALID), { ...ok, instances: { 'server-v2': 1 } }),
      step(inClaims(PLAIN), { ...ok, instances: { 'server-v1': 1 }, headers: { ':path': '/silver' } }),
      step({}, { ...ok, instances: { 'server-v1': 1 }, headers: { ':path': '/' } }),
      step(inClaims(EXPIRED), unknown('Jwt is expired')),
    ],
    { more: [ingressAuthentication(jwt('  fromHeaders: [{ name: x-claims-token }]'))] },
  ),
  scenario(
    'a token in a query parameter, and one in a cookie',
    toWeb,
    [
      step({ target: `/?a=b&edge-token=${VALID}` }, ok),
      step({ target: `/?edge-token=${FORGED}` }, unknown('Jwt verification fails')),
      step({ headers: { cookie: `a=b; edge-token=${VALID}` } }, ok),
      step({ headers: { cookie: `edge-token=${FORGED}` } }, unknown('Jwt verification fails')),
      step({}, denied),
    ],
    {
      more: [
        ingressAuthentication(jwt('  fromParams: [edge-token]\n  fromCookies: [edge-token]')),
        deny('', from('notRequestPrincipals: ["*"]')),
      ],
    },
  ),
  guarded(
    'the service is STRICT, and knows the gateway',
    toWeb,
    [
      step({}, { ...ok, headers: { 'x-forwarded-client-cert': IDENTITY } }),
      step(
        { headers: { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/x/sa/admin' } },
        { ...ok, headers: { 'x-forwarded-client-cert': IDENTITY } },
      ),
    ],
    { more: [peerAuthentication('mtls: { mode: STRICT }')] },
  ),
  guarded(
    'the service lets nobody in but the gateway, and not to everything',
    toWeb,
    [step({}, ok), step({ target: '/metrics' }, denied), step({ target: '/a/../metrics' }, denied)],
    {
      more: [
        authorization(
          'ingress',
          'rules: [{ from: [{ source: { principals: ["cluster.local/ns/GATEWAYS/sa/istio-ingressgateway"] } }], to: [{ operation: { ports: ["8080"], notPaths: [/metrics] } }] }]',
        ),
      ],
    },
  ),
  guarded('the service does not let the gateway in', toWeb, [step({}, denied)], {
    more: [authorization('client', 'rules: [{ from: [{ source: { principals: ["*/sa/client"] } }] }]')],
  }),
  guarded(
    'tokens at the service',
    toWeb,
    [
      step(bearer(VALID), { ...ok, headers: { authorization: /^Bearer /, 'x-jwt-tier': 'gold' } }),
      step({ headers: { 'x-jwt-tier': 'mine' } }, denied),
      step(bearer(EXPIRED), unknown('Jwt is expired')),
      step(bearer(FORGED), unknown('Jwt verification fails')),
    ],
    {
      more: [
        requestAuthentication(
          jwt('  forwardOriginalToken: true\n  outputClaimToHeaders: [{ header: x-jwt-tier, claim: tier }]'),
        ),
        authorization('user', 'rules: [{ from: [{ source: { requestPrincipals: ["*"] } }] }]'),
      ],
    },
  ),
  guarded(
    'the address of the client, behind the gateway',
    toWeb,
    [step({}, ok), step({ headers: { 'x-forwarded-for': '203.0.113.1' } }, ok)],
    {
      more: [authorization('near', 'rules: [{ from: [{ source: { remoteIpBlocks: [OUTSIDE] } }] }]')],
    },
  ),
];
