// Each row names the documentation or source that says what has to happen.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuleSet } from '../model/rule-set.ts';
import { findWorkload } from '../predict/find-workload.ts';
import { deployment, istio, platform, service } from '../testing/manifests.ts';
import { type Decision, type Draw, decide } from './decide.ts';
import { type CallView, headersFrom, parseAuthority } from './match/call.ts';
import { Outbound } from './outbound.ts';
import { applyHeaderChanges, type HeaderList } from './treatment/header-operations.ts';

const MIDDLE: Draw = { weight: 0.5, delay: 0.5, abort: 0.5, mirror: 0.5 };

function ask(
  rules: RuleSet,
  call: Partial<Omit<CallView, 'headers'>> & { headers?: Record<string, string> } = {},
  draw: Partial<Draw> = {},
  from = 'checkout',
): Decision {
  const { headers, ...rest } = call;
  const host = rest.host ?? 'payment.shop.svc.cluster.local';
  const view: CallView = {
    host,
    port: 50051,
    authority: `${host}:50051`,
    method: 'POST',
    path: '/shop.Payment/Charge',
    scheme: 'http',
    ...rest,
    headers: headersFrom(headers ?? {}),
  };
  return decide(new Outbound(rules, findWorkload(rules, from)), view, { ...MIDDLE, ...draw });
}

const subsetOf = (decision: Decision): string | undefined =>
  decision.kind === 'forward' ? (decision.cluster.subset ?? decision.cluster.key) : undefined;
const statusOf = (decision: Decision): number | undefined =>
  decision.kind === 'reply' ? decision.reply.grpcStatus : undefined;

const virtualService = (http: string, more = ''): string =>
  istio('VirtualService', 'payment', `hosts: [payment]\n${more}http:\n${http}`);
const to = (subset: string, rest = ''): string => `{ destination: { host: payment, subset: ${subset} }${rest} }`;
/** v2 when the match holds, v1 otherwise. */
const matching = (match: string): RuleSet =>
  platform(virtualService(`- match: [${match}]\n  route: [${to('v2')}]\n- route: [${to('v1')}]`));

describe('matching a request', () => {
  // https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
  const rows: [name: string, match: string, call: Parameters<typeof ask>[1], matches: boolean][] = [
    ['uri exact', '{ uri: { exact: /shop.Payment/Charge } }', {}, true],
    ['uri exact, other path', '{ uri: { exact: /shop.Payment/Refund } }', {}, false],
    ['uri exact is case-sensitive', '{ uri: { exact: /shop.payment/charge } }', {}, false],
    ['ignoreUriCase', '{ uri: { exact: /shop.payment/charge }, ignoreUriCase: true }', {}, true],
    ['uri prefix', '{ uri: { prefix: /shop.Payment/ } }', {}, true],
    ['uri regex is for the whole path', "{ uri: { regex: '/shop.*/Char' } }", {}, false],
    ['uri regex', "{ uri: { regex: '/shop.*/Char.+' } }", {}, true],
    ['uri regex with RE2 flags', "{ uri: { regex: '(?i)/SHOP.*' } }", {}, true],
    ['uri without its query', '{ uri: { exact: /a } }', { path: '/a?b=c' }, true],
    ['header exact', '{ headers: { x-version: { exact: v2 } } }', { headers: { 'X-Version': 'v2' } }, true],
    [
      'header exact, other value',
      '{ headers: { x-version: { exact: v2 } } }',
      { headers: { 'x-version': 'v22' } },
      false,
    ],
    ['header prefix', '{ headers: { x-version: { prefix: v } } }', { headers: { 'x-version': 'v22' } }, true],
    ['header regex', "{ headers: { x-version: { regex: 'v[0-9]+' } } }", { headers: { 'x-version': 'v22' } }, true],
    ['header absent', '{ headers: { x-version: { prefix: v } } }', {}, false],
    ['header present: an empty match', '{ headers: { x-version: {} } }', { headers: { 'x-version': '' } }, true],
    ['header present: missing', '{ headers: { x-version: {} } }', {}, false],
    // istio/istio#20629: a lone * is presence, not RE2
    [
      "header regex '*' is presence",
      "{ headers: { x-version: { regex: '*' } } }",
      { headers: { 'x-version': 'a' } },
      true,
    ],
    ['withoutHeaders: absent', '{ withoutHeaders: { x-version: {} } }', {}, true],
    ['withoutHeaders: present', '{ withoutHeaders: { x-version: {} } }', { headers: { 'x-version': 'a' } }, false],
    [
      'withoutHeaders: another value',
      '{ withoutHeaders: { x-version: { exact: v2 } } }',
      { headers: { 'x-version': 'v1' } },
      true,
    ],
    [
      'withoutHeaders: that value',
      '{ withoutHeaders: { x-version: { exact: v2 } } }',
      { headers: { 'x-version': 'v2' } },
      false,
    ],
    // route.go: TreatMissingHeaderAsEmpty
    ['withoutHeaders: absent counts as empty', "{ withoutHeaders: { x-version: { regex: '.*' } } }", {}, false],
    ['all conditions of a match', '{ uri: { prefix: / }, headers: { a: { exact: b } } }', {}, false],
    ['method', '{ method: { exact: POST } }', {}, true],
    ['scheme', '{ scheme: { exact: https } }', {}, false],
    ['authority is the raw one', '{ authority: { exact: "payment.shop.svc.cluster.local:50051" } }', {}, true],
    ['port', '{ port: 50051 }', {}, true],
    ['another port', '{ port: 80 }', {}, false],
    ['sourceLabels', '{ sourceLabels: { app: checkout } }', {}, true],
    ['other sourceLabels', '{ sourceLabels: { app: cart } }', {}, false],
    ['sourceNamespace', '{ sourceNamespace: shop }', {}, true],
    ['another sourceNamespace', '{ sourceNamespace: other }', {}, false],
    ['gateways without mesh', '{ gateways: [edge] }', {}, false],
    [
      'gateways with mesh: sourceLabels are then not looked at (sourceMatchHTTP)',
      '{ gateways: [mesh], sourceLabels: { app: cart } }',
      {},
      true,
    ],
    ['queryParams', '{ queryParams: { a: { exact: b } } }', { path: '/x?a=b' }, true],
    ['queryParams missing', '{ queryParams: { a: { exact: b } } }', { path: '/x' }, false],
    ['one of several matches', '{ uri: { exact: /no } }, { headers: { a: {} } }', { headers: { a: 'b' } }, true],
  ];
  for (const [name, match, call, matches] of rows) {
    it(name, () => assert.equal(subsetOf(ask(matching(match), call)), matches ? 'v2' : 'v1'));
  }

  it('takes the first route that matches, and none after a catch-all', () => {
    const rules = platform(
      virtualService(`- route: [${to('v1')}]\n- match: [{ uri: { prefix: /shop } }]\n  route: [${to('v2')}]`),
    );
    assert.equal(subsetOf(ask(rules)), 'v1');
  });

  it('answers UNIMPLEMENTED (404, flag NR) when no route matches', () => {
    const decision = ask(platform(virtualService(`- match: [{ uri: { exact: /no } }]\n  route: [${to('v1')}]`)));
    assert.equal(statusOf(decision), 12);
  });
});

describe('finding the destination', () => {
  it("goes straight to a service that no VirtualService routes, with Istio's two retries", () => {
    const decision = ask(platform());
    assert.ok(decision.kind === 'forward');
    assert.equal(decision.cluster.key, 'outbound|50051||payment.shop.svc.cluster.local');
    assert.equal(decision.retries?.attempts, 2);
    assert.equal(decision.timeoutMs, 0);
  });

  for (const host of ['payment', 'payment.shop', 'payment.shop.svc', 'payment.shop.svc.cluster.local'])
    it(`finds the service as ${host}`, () =>
      assert.equal(subsetOf(ask(platform(), { host })), 'outbound|50051||payment.shop.svc.cluster.local'));

  it('refuses hosts and ports that no manifest declares', () => {
    assert.equal(statusOf(ask(platform(), { host: 'evil.example' })), 14);
    assert.equal(statusOf(ask(platform(), { port: 22 })), 14);
  });

  it('answers UNAVAILABLE for a subset that no DestinationRule declares (503, flag NC)', () => {
    const decision = ask(platform(virtualService(`- route: [${to('v9')}]`)));
    assert.ok(decision.kind === 'reply');
    assert.equal(decision.reply.flag, 'NC');
    assert.equal(decision.reply.grpcStatus, 14);
  });

  it('lets a Sidecar narrow what a workload sees', () => {
    const scope = istio(
      'Sidecar',
      'checkout',
      "workloadSelector: { labels: { app: checkout } }\negress:\n- hosts: ['./catalog.shop.svc.cluster.local']",
    );
    assert.equal(statusOf(ask(platform(scope))), 14);
    assert.equal(subsetOf(ask(platform(scope), { host: 'catalog' })), 'outbound|50051||catalog.shop.svc.cluster.local');
    assert.equal(subsetOf(ask(platform(scope), {}, {}, 'catalog')), 'outbound|50051||payment.shop.svc.cluster.local');
  });

  it('passes unknown hosts on where a Sidecar says ALLOW_ANY', () => {
    const scope = istio('Sidecar', 'default', 'outboundTrafficPolicy: { mode: ALLOW_ANY }');
    assert.equal(ask(platform(scope), { host: 'example.com' }).kind, 'pass-through');
  });

  it('uses only the first of two VirtualServices for a host, by name and namespace', () => {
    const other = istio('VirtualService', 'aaa', `hosts: [payment]\nhttp:\n- route: [${to('v2')}]`);
    assert.equal(subsetOf(ask(platform(virtualService(`- route: [${to('v1')}]`), other))), 'v2');
  });

  it('prefers an exact host to a wildcard', () => {
    const wild = istio('VirtualService', 'aaa', `hosts: ['*.shop.svc.cluster.local']\nhttp:\n- route: [${to('v2')}]`);
    assert.equal(subsetOf(ask(platform(virtualService(`- route: [${to('v1')}]`), wild))), 'v1');
  });

  it('does not see a VirtualService that is exported elsewhere', () => {
    const rules = platform(virtualService(`- route: [${to('v2')}]`, 'exportTo: [other]\n'));
    assert.equal(subsetOf(ask(rules)), 'outbound|50051||payment.shop.svc.cluster.local');
  });

  it("takes the port that the rule names, or the service's only one", () => {
    const rules = platform(
      service('ledger', { port: 9090 }),
      deployment('ledger'),
      virtualService(
        '- match: [{ uri: { prefix: /a } }]\n  route: [{ destination: { host: ledger } }]\n- route: [{ destination: { host: payment, port: { number: 50051 } } }]',
      ),
    );
    assert.equal(subsetOf(ask(rules, { path: '/a' })), 'outbound|9090||ledger.shop.svc.cluster.local');
  });
});

describe('splitting by weight', () => {
  // Envoy: weighted clusters choose by the cumulative weight that the random number falls under.
  const rules = platform(virtualService(`- route: [${to('v1', ', weight: 75')}, ${to('v2', ', weight: 25')}]`));
  for (const [draw, subset] of [
    [0, 'v1'],
    [0.7499, 'v1'],
    [0.75, 'v2'],
    [0.9999, 'v2'],
  ] as const)
    it(`${draw} goes to ${subset}`, () => assert.equal(subsetOf(ask(rules, {}, { weight: draw })), subset));

  it('weights need not sum to 100, and 0 takes no part', () => {
    const odd = platform(virtualService(`- route: [${to('v1', ', weight: 1')}, ${to('v2', ', weight: 0')}]`));
    assert.equal(subsetOf(ask(odd, {}, { weight: 0.999 })), 'v1');
  });

  it('a single destination gets everything, whatever its weight', () => {
    assert.equal(subsetOf(ask(platform(virtualService(`- route: [${to('v2', ', weight: 0')}]`)))), 'v2');
  });
});

describe('time, faults, mirrors, headers', () => {
  const forward = (http: string, call: Parameters<typeof ask>[1] = {}, draw: Partial<Draw> = {}) => {
    const decision = ask(platform(virtualService(http)), call, draw);
    assert.ok(decision.kind === 'forward');
    return decision;
  };

  // Envoy FilterUtility::finalTimeout with max_grpc_timeout, which Istio sets to the route's timeout.
  const timeouts: [rule: string, header: string | undefined, ms: number][] = [
    ['timeout: 2s', undefined, 2000],
    ['timeout: 2s', '500m', 500],
    ['timeout: 2s', '5S', 2000],
    ['name: none', '5S', 5000],
    ['name: none', undefined, 0],
    ['timeout: 2s', 'nonsense', 2000],
  ];
  for (const [rule, header, ms] of timeouts)
    it(`${rule} with grpc-timeout ${header ?? 'absent'} is ${ms} ms`, () => {
      const decision = forward(
        `- ${rule}\n  route: [${to('v1')}]`,
        header === undefined ? {} : { headers: { 'content-type': 'application/grpc', 'grpc-timeout': header } },
      );
      assert.equal(decision.timeoutMs, ms);
    });
  it('a grpc-timeout in a request that is no gRPC shortens nothing', () => {
    const headers = { 'content-type': 'application/json', 'grpc-timeout': '500m' };
    assert.equal(forward(`- timeout: 2s\n  route: [${to('v1')}]`, { headers }).timeoutMs, 2000);
  });

  it('aborts the given share of calls with the given gRPC status', () => {
    const rules = platform(
      virtualService(
        `- fault: { abort: { grpcStatus: RESOURCE_EXHAUSTED, percentage: { value: 10 } } }\n  route: [${to('v1')}]`,
      ),
    );
    assert.equal(statusOf(ask(rules, {}, { abort: 0.0999 })), 8);
    assert.equal(subsetOf(ask(rules, {}, { abort: 0.1 })), 'v1');
  });

  it('turns an HTTP abort into the gRPC status that callers see', () => {
    const rules = platform(
      virtualService(`- fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }\n  route: [${to('v1')}]`),
    );
    assert.equal(statusOf(ask(rules)), 14);
  });

  it('injects nothing when no percentage is given (Istio: "If not specified, no request will be aborted")', () => {
    const rules = platform(
      virtualService(`- fault: { abort: { httpStatus: 503 }, delay: { fixedDelay: 1s } }\n  route: [${to('v1')}]`),
    );
    assert.equal(subsetOf(ask(rules, {}, { abort: 0, delay: 0 })), 'v1');
  });

  it('delays before it goes on, or before it aborts', () => {
    const delayed = forward(
      `- fault: { delay: { fixedDelay: 1500ms, percentage: { value: 100 } } }\n  route: [${to('v1')}]`,
    );
    assert.equal(delayed.fault?.delayMs, 1500);
    const both = ask(
      platform(
        virtualService(
          `- fault: { delay: { fixedDelay: 1s, percentage: { value: 100 } }, abort: { httpStatus: 500, percentage: { value: 100 } } }\n  route: [${to('v1')}]`,
        ),
      ),
    );
    assert.ok(both.kind === 'reply');
    assert.equal(both.fault?.delayMs, 1000);
  });

  it('mirrors everything by default, and the given share otherwise', () => {
    const rule = (more: string): string => `- mirror: { host: catalog }\n${more}  route: [${to('v1')}]`;
    assert.deepEqual(
      forward(rule(''), {}, { mirror: 0.99 }).mirrors.map((each) => each.host),
      ['catalog.shop.svc.cluster.local'],
    );
    assert.equal(forward(rule('  mirrorPercentage: { value: 20 }\n'), {}, { mirror: 0.2 }).mirrors.length, 0);
    assert.equal(forward(rule('  mirrorPercentage: { value: 20 }\n'), {}, { mirror: 0.19 }).mirrors.length, 1);
    assert.equal(forward(rule('  mirrorPercentage: { value: 0 }\n'), {}, { mirror: 0 }).mirrors.length, 0);
  });

  it("removes, sets and adds headers: the destination's first, then the route's", () => {
    const decision = forward(
      `- headers: { request: { set: { x-a: route }, add: { x-b: route }, remove: [x-gone] } }\n  route: [{ destination: { host: payment, subset: v1 }, headers: { request: { set: { x-a: destination, x-c: destination } } } }]`,
    );
    const headers: HeaderList = [
      ['x-a', 'caller'],
      ['x-b', 'caller'],
      ['x-gone', 'caller'],
    ];
    assert.deepEqual(applyHeaderChanges(headers, decision.headers.request), [
      ['x-b', 'caller'],
      ['x-c', 'destination'],
      ['x-a', 'route'],
      ['x-b', 'route'],
    ]);
  });

  const rewrites: [match: string, rewrite: string, path: string, result: string][] = [
    ['{ uri: { prefix: /old } }', '{ uri: /new }', '/old/Method?q=1', '/new/Method?q=1'],
    ['{ uri: { exact: /old/Method } }', '{ uri: /new/Other }', '/old/Method', '/new/Other'],
    ['{ method: { exact: POST } }', '{ uri: /v2/ }', '/a/B', '/v2/a/B'],
    [
      '{ uri: { prefix: / } }',
      "{ uriRegexRewrite: { match: '^/shop.([A-Z].*)/(.*)', rewrite: '/other.\\1/\\2' } }",
      '/shop.Payment/Charge',
      '/other.Payment/Charge',
    ],
  ];
  for (const [match, rewrite, path, result] of rewrites)
    it(`rewrites ${path} to ${result}`, () =>
      assert.equal(
        forward(`- match: [${match}]\n  rewrite: ${rewrite}\n  route: [${to('v1')}]`, { path }).path,
        result,
      ));

  it('rewrites the authority', () =>
    assert.equal(
      forward(`- rewrite: { authority: other.example }\n  route: [${to('v1')}]`).authority,
      'other.example',
    ));
});

describe('authorities', () => {
  for (const bad of [
    '',
    'a b',
    'a:b',
    'a:0',
    'a:70000',
    'a:1:2',
    'a/b',
    'user@a',
    'a\r\nhost: b',
    'a:50051#',
    '%61',
    `${'a'.repeat(300)}:1`,
  ])
    it(`refuses ${JSON.stringify(bad.slice(0, 20))}`, () => assert.equal(parseAuthority(bad), undefined));
  it('takes names, ports and IPv6', () => {
    assert.deepEqual(parseAuthority('Payment.shop:50051'), { host: 'payment.shop', port: 50051 });
    assert.deepEqual(parseAuthority('[::1]:80'), { host: '[::1]', port: 80 });
  });
});
