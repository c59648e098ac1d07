// https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy; test/mesh/scenarios/edge/cors.ts asks
// the same of Envoy.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../explain.ts';
import { istio, platform } from '../../testing/manifests.ts';
import { headersFrom } from '../match/call.ts';
import { type CorsDecision, compileCors, decideCors } from './cors.ts';

const ROUTE = 'route: [{ destination: { host: payment } }]';
const rule = (policy: string): string =>
  istio('VirtualService', 'web', `hosts: [payment]\nhttp:\n- corsPolicy: { ${policy} }\n  ${ROUTE}`);

function decision(policy: string, method: string, headers: Record<string, string>): CorsDecision | undefined {
  const [object] = platform(rule(policy)).objects('VirtualService');
  return decideCors(compileCors(object?.spec.http?.[0]?.corsPolicy), {
    ...{ host: 'payment', port: 80, authority: 'payment', method, path: '/', scheme: 'http' },
    headers: headersFrom(headers),
  });
}

const ORIGIN = 'https://shop.test';
const SHOP = `allowOrigins: [{ exact: "${ORIGIN}" }]`;
const asks = { origin: ORIGIN, 'access-control-request-method': 'PUT' };

describe('corsPolicy', () => {
  it('answers a preflight with all that it says', () => {
    const policy = `${SHOP}, allowMethods: [GET, PUT], allowHeaders: [x-a, x-b], exposeHeaders: [x-out], maxAge: 1h, allowCredentials: true`;
    assert.deepEqual(decision(policy, 'OPTIONS', asks), {
      answered: true,
      fields: [
        ['access-control-allow-origin', ORIGIN],
        ['access-control-expose-headers', 'x-out'],
        ['access-control-allow-credentials', 'true'],
        ['access-control-allow-methods', 'GET,PUT'],
        ['access-control-allow-headers', 'x-a,x-b'],
        ['access-control-max-age', '3600'],
      ],
    });
  });
  it('is no preflight without the method that is asked for, or with another method', () => {
    for (const [method, headers] of [
      ['OPTIONS', { origin: ORIGIN }],
      ['PUT', asks],
    ] as const)
      assert.deepEqual(decision(`${SHOP}, maxAge: 1h`, method, headers), {
        answered: false,
        fields: [['access-control-allow-origin', ORIGIN]],
      });
  });
  it('has nothing to say to an origin that it does not name, or to none', () => {
    assert.equal(decision(SHOP, 'OPTIONS', { ...asks, origin: 'https://evil.test' }), undefined);
    assert.equal(decision(SHOP, 'GET', {}), undefined);
    assert.equal(decision('maxAge: 1h', 'GET', asks), undefined);
  });
  it('may answer a preflight of such an origin, and name no origin', () => {
    const policy = `${SHOP}, allowMethods: [GET], allowCredentials: true, unmatchedPreflights: IGNORE`;
    const evil = { ...asks, origin: 'https://evil.test' };
    assert.deepEqual(decision(policy, 'OPTIONS', evil), {
      answered: true,
      fields: [
        ['access-control-allow-credentials', 'true'],
        ['access-control-allow-methods', 'GET'],
      ],
    });
    assert.equal(decision(policy, 'GET', evil), undefined);
  });
  it('knows origins in the old form too', () => {
    assert.notEqual(decision(`allowOrigin: ["${ORIGIN}"]`, 'GET', asks), undefined);
    assert.notEqual(decision('allowOrigin: ["*"]', 'GET', asks), undefined);
  });
  const wrong: [policy: string, message: RegExp][] = [
    ['allowOrigins: [{}]', /needs exact, prefix or regex/],
    ['allowOrigins: [{ exact: "" }]', /needs exact, prefix or regex/],
    ['allowMethods: [FETCH]', /must be one of GET/],
    ['allowHeaders: ["a b"]', /must be the name of a header/],
    ['maxAge: 1500ms', /whole seconds/],
    ['unmatchedPreflights: DROP', /must be one of/],
  ];
  for (const [policy, message] of wrong)
    it(`refuses ${policy}`, () => assert.throws(() => platform(rule(policy)), message));
  it('is applied, and explain says so', () => {
    const { rules } = explain(platform(rule(`${SHOP}, maxAge: 1h`)));
    const own = rules.find((each) => each.object === 'VirtualService shop/web');
    assert.ok(own?.applied.includes('http.corsPolicy.maxAge'), JSON.stringify(own));
    assert.deepEqual(own?.notApplied, []);
  });
});
