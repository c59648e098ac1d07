import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { istio, platform } from '../testing/manifests.ts';
import { predictRequest, type RequestQuestion } from './predict-request.ts';

const GATEWAY = (hosts: string): string =>
  istio('Gateway', 'edge', `servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${hosts}] }]`);
const routes = (http: string, hosts = '"*"'): string =>
  istio('VirtualService', 'edge', `hosts: [${hosts}]\ngateways: [edge]\nhttp:\n${http}`);
const TO_CATALOG = '- route: [{ destination: { host: catalog } }]';

function asked(question: Partial<RequestQuestion>, ...documents: readonly string[]) {
  return predictRequest(platform(...documents), { path: '/', ...question });
}

describe('a request from outside', () => {
  it('goes where the routes of its Gateway lead', () => {
    const { destinations, allowed } = asked({}, GATEWAY('"*"'), routes(TO_CATALOG));
    assert.deepEqual([destinations[0]?.host, allowed], ['catalog.shop.svc.cluster.local', true]);
  });
  it('is 404 where no Gateway takes its host, or no VirtualService routes it', () => {
    const rules = [GATEWAY('"shop/*.test"'), routes(TO_CATALOG, 'a.test')];
    assert.equal(asked({ host: 'a.test:8080' }, ...rules).allowed, true);
    assert.equal(asked({ host: 'b.test' }, ...rules).reply?.httpStatus, 404);
    assert.equal(asked({ host: 'a.example' }, ...rules).reply?.httpStatus, 404);
    assert.equal(asked({}, ...rules).reply?.httpStatus, 404, 'www.test, which no VirtualService routes');
  });
  it("is refused by the ingress gateway's own policies, on the path as it is normalised", () => {
    const deny = istio(
      'AuthorizationPolicy',
      'edge',
      'action: DENY\nrules: [{ to: [{ operation: { paths: ["/private*"], methods: [POST] } }] }]',
      'istio-system',
    );
    const rules = [GATEWAY('"*"'), routes(TO_CATALOG), deny];
    assert.equal(asked({ path: '/x/../private/a?b', httpMethod: 'POST' }, ...rules).reply?.httpStatus, 403);
    assert.equal(asked({ path: '/private/a' }, ...rules).allowed, true);
    assert.equal(asked({ path: '/%00' }, ...rules).reply?.httpStatus, 400);
  });
  it("is let in by the service's policies for the ingress's identity and for what was sent on", () => {
    const allow = istio(
      'AuthorizationPolicy',
      'catalog',
      'selector: { matchLabels: { app: catalog } }\nrules: [{ from: [{ source: { namespaces: [istio-system] } }], to: [{ operation: { paths: ["/inner/*"] } }] }]',
    );
    const rewriting =
      '- match: [{ uri: { prefix: /outer/ } }]\n  rewrite: { uri: /inner/ }\n  route: [{ destination: { host: catalog } }]\n- route: [{ destination: { host: catalog } }]';
    const rules = [GATEWAY('"*"'), routes(rewriting), allow];
    assert.equal(asked({ path: '/outer/a' }, ...rules).allowed, true);
    assert.equal(asked({ path: '/inner/a' }, ...rules).allowed, true);
    assert.equal(asked({ path: '/other/a' }, ...rules).allowed, false);
  });
  it('redirects keep what they do not name', () => {
    const location = (redirect: string, path: string): string | undefined =>
      asked(
        { path, host: 'a.test:8080' },
        GATEWAY('"*"'),
        routes(`- match: [{ uri: { prefix: /old } }]\n  redirect: { ${redirect} }`),
      ).reply?.location;
    assert.equal(location('scheme: https', '/old/a?b=c'), 'https://a.test:8080/old/a?b=c');
    assert.equal(location('authority: b.test', '/old'), 'http://b.test/old');
    assert.equal(location('port: 8443, scheme: https', '/old'), 'https://a.test:8443/old');
    assert.equal(location('uri: /new', '/old/a?b=c'), 'http://a.test:8080/new?b=c');
    assert.equal(location('uri: "/new?d"', '/old/a?b=c'), 'http://a.test:8080/new?d');
    assert.equal(location('uri: "%PREFIX()%/new"', '/old/a?b=c'), 'http://a.test:8080/new/a?b=c');
  });
});
