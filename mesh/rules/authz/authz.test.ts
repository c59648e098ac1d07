// https://istio.io/latest/docs/reference/config/security/authorization-policy/ and .../conditions/,
// https://istio.io/latest/docs/concepts/security/#implicit-enablement (order of evaluation).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findWorkload } from '../predict/find-workload.ts';
import { headersFrom } from '../routing/match/call.ts';
import { istio, platform } from '../testing/manifests.ts';
import { authorize, compileAuthorization } from './authorize.ts';
import { normalizePath } from './path-normalization.ts';
import { peerRequirement } from './peer-authentication.ts';
import { type AuthorizationRequest, peerFromSpiffe, type VerifiedToken } from './request.ts';

const token: VerifiedToken = {
  issuer: 'https://id',
  subject: 'ann',
  principal: 'https://id/ann',
  audiences: ['shop'],
  presenter: 'app',
  claims: { role: 'admin', groups: ['a', 'b'], realm: { access: ['x'] }, level: 3 },
};

function request(part: Partial<AuthorizationRequest> = {}): AuthorizationRequest {
  const peer = peerFromSpiffe('spiffe://cluster.local/ns/shop/sa/checkout');
  return {
    method: 'POST',
    path: '/shop.Payment/Charge',
    host: 'payment:50051',
    port: 50051,
    headers: headersFrom({ 'x-tenant': 't1' }),
    sourceIp: '10.1.2.3',
    remoteIp: '10.9.9.9',
    ...(peer === undefined ? {} : { peer }),
    ...part,
  };
}

const policy = (spec: string, name = 'p', namespace = 'shop'): string =>
  istio('AuthorizationPolicy', name, spec, namespace);
const verdict = (policies: readonly string[], part: Partial<AuthorizationRequest> = {}) => {
  const rules = platform(...policies);
  return authorize(compileAuthorization(rules, findWorkload(rules, 'payment-v1')), request(part));
};
const anonymous = (): Partial<AuthorizationRequest> => {
  const { peer: _, ...rest } = request();
  return { ...rest, peer: undefined } as unknown as Partial<AuthorizationRequest>;
};

describe('one rule', () => {
  const from = (source: string): string => `rules: [{ from: [{ source: { ${source} } }] }]`;
  const to = (operation: string): string => `rules: [{ to: [{ operation: { ${operation} } }] }]`;
  const when = (key: string, values: string): string => `rules: [{ when: [{ key: "${key}", ${values} }] }]`;
  const rows: [spec: string, matches: boolean, part?: Partial<AuthorizationRequest>][] = [
    [from('principals: [cluster.local/ns/shop/sa/checkout]'), true],
    [from('principals: [cluster.local/ns/shop/sa/other]'), false],
    [from('principals: ["cluster.local/ns/shop/*"]'), true],
    [from('principals: ["*/sa/checkout"]'), true],
    [from('principals: ["*"]'), true],
    [from('principals: ["*"]'), false, anonymous()],
    [from('notPrincipals: [cluster.local/ns/shop/sa/checkout]'), false],
    [from('notPrincipals: [cluster.local/ns/shop/sa/checkout]'), true, anonymous()],
    [from('namespaces: [shop]'), true],
    [from('namespaces: [other]'), false],
    [from('notNamespaces: [shop]'), false],
    [from('serviceAccounts: [checkout]'), true],
    [from('serviceAccounts: [shop/checkout]'), true],
    [from('serviceAccounts: [other/checkout]'), false],
    [from('requestPrincipals: ["*"]'), false],
    [from('requestPrincipals: ["*"]'), true, { token }],
    [from('requestPrincipals: [https://id/ann]'), true, { token }],
    [from('notRequestPrincipals: ["*"]'), true],
    [from('ipBlocks: [10.1.0.0/16]'), true],
    [from('ipBlocks: [10.2.0.0/16, 192.168.0.1]'), false],
    [from('notIpBlocks: [10.1.2.3]'), false],
    [from('remoteIpBlocks: [10.9.0.0/16]'), true],
    [from('ipBlocks: [nonsense]'), false],
    [from('namespaces: [shop], principals: ["*/sa/other"]'), false],
    [to('methods: [POST]'), true],
    [to('methods: [GET]'), false],
    [to('notMethods: [POST]'), false],
    [to('paths: [/shop.Payment/Charge]'), true],
    [to('paths: [/shop.Payment/charge]'), false],
    [to('paths: ["/shop.Payment/*"]'), true],
    [to('paths: ["*/Charge"]'), true],
    [to('paths: ["/{*}/Charge"]'), true],
    [to('paths: ["/shop.Payment/{**}"]'), true],
    [to('paths: ["/{*}"]'), false],
    [to('notPaths: ["/shop.Payment/*"]'), false],
    [to('notPaths: [/other]'), true],
    [to('hosts: ["PAYMENT:50051"]'), true],
    [to('hosts: ["payment:*"]'), true],
    [to('notHosts: ["payment:*"]'), false],
    [to('ports: ["50051"]'), true],
    [to('notPorts: ["50051"]'), false],
    [when('request.headers[X-Tenant]', 'values: [t1]'), true],
    [when('request.headers[x-tenant]', 'notValues: [t1]'), false],
    [when('request.headers[x-none]', 'values: ["*"]'), false],
    [when('request.headers[x-none]', 'notValues: ["*"]'), true],
    [when('source.ip', 'values: [10.1.0.0/16]'), true],
    [when('remote.ip', 'notValues: [10.9.0.0/16]'), false],
    [when('source.namespace', 'values: [shop]'), true],
    [when('source.principal', 'values: ["*checkout"]'), true],
    [when('destination.port', 'values: ["50051"]'), true],
    [when('request.auth.claims[role]', 'values: [admin]'), true, { token }],
    [when('request.auth.claims[role]', 'values: [admin]'), false],
    [when('request.auth.claims[role]', 'notValues: [admin]'), false, { token }],
    [when('request.auth.claims[groups]', 'values: [b]'), true, { token }],
    [when('request.auth.claims[realm][access]', 'values: [x]'), true, { token }],
    [when('request.auth.claims[constructor]', 'values: ["*"]'), false, { token }],
    [when('request.auth.claims[level]', 'values: ["3"]'), false, { token }],
    [when('request.auth.audiences', 'values: [shop]'), true, { token }],
    [when('request.auth.presenter', 'values: [app]'), true, { token }],
    [when('request.auth.principal', 'values: [https://id/ann]'), true, { token }],
    ['rules: [{}]', true],
    ['rules: [{ from: [{ source: { namespaces: [no] } }, { source: { namespaces: [shop] } }] }]', true],
    ['rules: [{ from: [{ source: { namespaces: [shop] } }], to: [{ operation: { methods: [GET] } }] }]', false],
    ['rules: [{ to: [{ operation: { methods: [GET] } }] }, { to: [{ operation: { methods: [POST] } }] }]', true],
  ];
  for (const [spec, matches, part] of rows)
    it(`${spec}${part === undefined ? '' : ' (with more)'}: ${matches}`, () => {
      assert.equal(verdict([policy(`action: ALLOW\n${spec}`)], part).allowed, matches, 'as ALLOW');
      assert.equal(verdict([policy(`action: DENY\n${spec}`)], part).allowed, !matches, 'as DENY');
    });
});

describe('several policies', () => {
  const allowAll = policy('rules: [{}]', 'allow');
  const denyCharge = policy(
    'action: DENY\nrules: [{ to: [{ operation: { paths: [/shop.Payment/Charge] } }] }]',
    'deny',
  );
  const rows: [name: string, policies: string[], allowed: boolean][] = [
    ['none: everything is let in', [], true],
    ['an empty ALLOW denies everything', [policy('{}')], false],
    ['an empty ALLOW beside a matching one does not', [policy('{}'), allowAll], true],
    ['DENY comes before ALLOW', [allowAll, denyCharge], false],
    ['DENY alone lets the rest in', [policy('action: DENY\nrules: [{ to: [{ operation: { paths: [/x] } }] }]')], true],
    ['a policy of another workload does not count', [policy('selector: { matchLabels: { app: catalog } }')], true],
    ['a selector that matches does', [policy('selector: { matchLabels: { app: payment, version: v1 } }')], false],
    ['a policy of another namespace does not count', [policy('{}', 'p', 'other')], true],
    ['a policy of the root namespace does', [policy('{}', 'p', 'istio-system')], false],
    ['AUDIT lets in', [policy('action: AUDIT\nrules: [{}]')], true],
    [
      'CUSTOM is not supported and does not fail open',
      [policy('action: CUSTOM\nprovider: { name: x }\nrules: [{}]'), allowAll],
      false,
    ],
    ['targetRefs attach to nothing here', [policy('targetRefs: [{ kind: Gateway, name: w }]')], true],
  ];
  for (const [name, policies, allowed] of rows) it(name, () => assert.equal(verdict(policies).allowed, allowed));

  it('says which policy decided and which audited', () => {
    const result = verdict([allowAll, policy('action: AUDIT\nrules: [{}]', 'watch')]);
    assert.match(result.because, /shop\/allow/);
    assert.deepEqual(result.audited, ['shop/watch']);
    assert.equal(result.position?.file, 'test.yaml');
  });
});

describe('path normalisation', () => {
  // https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ProxyPathNormalization-NormalizationType
  const rows: [path: string, base: string | undefined, merged: string | undefined, decoded: string | undefined][] = [
    ['/a/b', '/a/b', '/a/b', '/a/b'],
    ['/a//b', '/a//b', '/a/b', '/a/b'],
    ['/a/../b', '/b', '/b', '/b'],
    ['/a/./b/', '/a/b/', '/a/b/', '/a/b/'],
    ['/a/%2e%2e/b', '/b', '/b', '/b'],
    ['/a\\b', '/a/b', '/a/b', '/a/b'],
    ['/a%2fb', '/a%2fb', '/a%2fb', '/a/b'],
    ['/a%2f%2e%2e%2fb', '/a%2f..%2fb', '/a%2f..%2fb', '/b'],
    ['/%61dmin', '/admin', '/admin', '/admin'],
    ['/../../x', '/x', '/x', '/x'],
    ['/a/..', '/', '/', '/'],
    ['/a?x=//../', '/a?x=//../', '/a?x=//../', '/a?x=//../'],
    ['a', undefined, undefined, undefined],
    ['', undefined, undefined, undefined],
    ['/a%zz', undefined, undefined, undefined],
    ['/a%00', undefined, undefined, undefined],
    ['/a#b', undefined, undefined, undefined],
    ['/a b', undefined, undefined, undefined],
  ];
  for (const [path, base, merged, decoded] of rows)
    it(JSON.stringify(path), () => {
      assert.equal(normalizePath(path, 'BASE'), base);
      assert.equal(normalizePath(path, 'MERGE_SLASHES'), merged);
      assert.equal(normalizePath(path, 'DECODE_AND_MERGE_SLASHES'), decoded);
    });
});

describe('peer authentication', () => {
  // https://istio.io/latest/docs/reference/config/security/peer_authentication/
  const mode = (policies: readonly string[], port = 50051): string => {
    const rules = platform(...policies);
    return peerRequirement(rules, findWorkload(rules, 'payment-v1'), port).mode;
  };
  const mesh = istio('PeerAuthentication', 'default', 'mtls: { mode: STRICT }', 'istio-system');
  const namespace = istio('PeerAuthentication', 'default', 'mtls: { mode: DISABLE }');
  const workload = (spec: string): string =>
    istio('PeerAuthentication', 'payment', `selector: { matchLabels: { app: payment } }\n${spec}`);
  const rows: [name: string, policies: string[], mode: string][] = [
    ['nothing said is PERMISSIVE', [], 'PERMISSIVE'],
    ["the mesh's", [mesh], 'STRICT'],
    ["the namespace's over the mesh's", [mesh, namespace], 'DISABLE'],
    ["the workload's over the namespace's", [mesh, namespace, workload('mtls: { mode: PERMISSIVE }')], 'PERMISSIVE'],
    ['UNSET inherits', [mesh, workload('mtls: { mode: UNSET }')], 'STRICT'],
    [
      'one for another workload does not count',
      [mesh, istio('PeerAuthentication', 'c', 'selector: { matchLabels: { app: catalog } }\nmtls: { mode: DISABLE }')],
      'STRICT',
    ],
    [
      "the port's over all",
      [mesh, workload('mtls: { mode: STRICT }\nportLevelMtls: { 50051: { mode: DISABLE } }')],
      'DISABLE',
    ],
    ["another port's does not count", [mesh, workload('portLevelMtls: { 8080: { mode: DISABLE } }')], 'STRICT'],
  ];
  for (const [name, policies, expected] of rows) it(name, () => assert.equal(mode(policies), expected));
});

describe('identities', () => {
  for (const bad of [
    '',
    'spiffe://',
    'spiffe://cluster.local/ns/a',
    'spiffe://cluster.local/ns/a/sa/b/c',
    'spiffe://cluster.local/ns/../sa/b',
    'https://cluster.local/ns/a/sa/b',
    'spiffe://a/b/ns/a/sa/b',
  ])
    it(`${JSON.stringify(bad)} is no identity`, () => assert.equal(peerFromSpiffe(bad), undefined));
});
