import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildRuleSet } from '../model/rule-set.ts';
import { istio, PLATFORM } from '../testing/manifests.ts';
import { readManifests } from './documents.ts';

function read(...documents: string[]) {
  return readManifests([{ file: 'rules.yaml', text: documents.join('\n---\n') }]);
}

describe('reading manifests', () => {
  const bad: [name: string, yaml: string, field: string, message: RegExp, line: number][] = [
    [
      'an unknown field',
      istio('VirtualService', 'a', 'hosts: [a]\nhttp:\n- rout: []'),
      'spec.http[0].rout',
      /unknown field/,
      8,
    ],
    [
      'a bad duration',
      istio('VirtualService', 'a', "hosts: [a]\nhttp:\n- timeout: '5'\n  route: [{ destination: { host: a } }]"),
      'spec.http[0].timeout',
      /duration/,
      8,
    ],
    ['a missing host', istio('DestinationRule', 'a', 'subsets: []'), 'spec.host', /required/, 6],
    [
      'a bad regular expression',
      istio(
        'VirtualService',
        'a',
        "hosts: [a]\nhttp:\n- match: [{ uri: { regex: '(?=x)' } }]\n  route: [{ destination: { host: a } }]",
      ),
      'spec.http[0].match[0].uri.regex',
      /RE2/,
      8,
    ],
    [
      'two string matches at once',
      istio(
        'VirtualService',
        'a',
        'hosts: [a]\nhttp:\n- match: [{ uri: { exact: /a, prefix: /b } }]\n  route: [{ destination: { host: a } }]',
      ),
      'spec.http[0].match[0].uri',
      /one of/,
      8,
    ],
    [
      'a header value with a line break',
      istio(
        'VirtualService',
        'a',
        'hosts: [a]\nhttp:\n- headers: { request: { set: { x-a: "1\\r\\nx-b: 2" } } }\n  route: [{ destination: { host: a } }]',
      ),
      'spec.http[0].headers.request.set',
      /cannot carry/,
      8,
    ],
    [
      'an upper-case header name',
      istio(
        'VirtualService',
        'a',
        'hosts: [a]\nhttp:\n- match: [{ headers: { X-Canary: { exact: a } } }]\n  route: [{ destination: { host: a } }]',
      ),
      'spec.http[0].match[0].headers',
      /lower-case/,
      8,
    ],
    [
      'weights that sum to 0',
      istio(
        'VirtualService',
        'a',
        'hosts: [a]\nhttp:\n- route: [{ destination: { host: a }, weight: 0 }, { destination: { host: b }, weight: 0 }]',
      ),
      'spec.http[0]',
      /must not be 0/,
      8,
    ],
    [
      'an unknown retry condition',
      istio(
        'VirtualService',
        'a',
        'hosts: [a]\nhttp:\n- retries: { attempts: 2, retryOn: unavailabel }\n  route: [{ destination: { host: a } }]',
      ),
      'spec.http[0].retries.retryOn',
      /unavailabel/,
      8,
    ],
    [
      'an unknown gRPC status',
      istio(
        'VirtualService',
        'a',
        'hosts: [a]\nhttp:\n- fault: { abort: { grpcStatus: SAD } }\n  route: [{ destination: { host: a } }]',
      ),
      'spec.http[0].fault.abort.grpcStatus',
      /gRPC status/,
      8,
    ],
    ['an unknown action', istio('AuthorizationPolicy', 'a', 'action: PERMIT'), 'spec.action', /ALLOW, DENY/, 6],
    [
      'an empty source',
      istio('AuthorizationPolicy', 'a', 'rules: [{ from: [{ source: {} }] }]'),
      'spec.rules[0].from[0].source',
      /empty/,
      6,
    ],
    [
      'an unknown condition',
      istio('AuthorizationPolicy', 'a', "rules: [{ when: [{ key: request.body, values: ['a'] }] }]"),
      'spec.rules[0].when[0]',
      /unknown key/,
      6,
    ],
    [
      'a percentage over 100',
      istio(
        'VirtualService',
        'a',
        'hosts: [a]\nhttp:\n- mirrorPercentage: { value: 101 }\n  route: [{ destination: { host: a } }]',
      ),
      'spec.http[0].mirrorPercentage.value',
      /0 to 100/,
      8,
    ],
    [
      'a port-level mode without selector',
      istio('PeerAuthentication', 'a', 'portLevelMtls: { 8080: { mode: DISABLE } }'),
      'spec',
      /selector/,
      6,
    ],
  ];
  for (const [name, yaml, field, message, line] of bad) {
    it(`refuses ${name}, naming file, line and field`, () => {
      const problem = read(yaml).problems.find((each) => each.severity === 'error');
      assert.ok(problem, 'a problem is reported');
      assert.equal(problem.field, field);
      assert.match(problem.message, message);
      assert.equal(problem.line, line);
      assert.equal(problem.file, 'rules.yaml');
    });
  }

  it('refuses text that is not YAML, with its line', () => {
    const [problem] = read('a: b\nc: [').problems;
    assert.match(problem?.message ?? '', /not YAML/);
    assert.equal(problem?.line, 2);
  });

  it('refuses the same object twice, naming the first', () => {
    const result = read(
      istio('PeerAuthentication', 'a', 'mtls: { mode: STRICT }'),
      istio('PeerAuthentication', 'a', 'mtls: { mode: STRICT }'),
    );
    assert.match(result.problems[0]?.message ?? '', /declared twice: first in rules.yaml:2/);
  });

  it('reads lists, several documents and aliases', () => {
    const yaml = `apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: Service, metadata: { name: a, namespace: n }, spec: &spec { ports: [{ port: 1 }] } }
- { apiVersion: v1, kind: Service, metadata: { name: b, namespace: n }, spec: *spec }`;
    const result = read(yaml);
    assert.deepEqual(result.problems, []);
    assert.deepEqual(
      result.objects.map((each) => each.name),
      ['a', 'b'],
    );
  });

  it('notes every field of a rule: applied, approximated or not applied, and why', () => {
    const { coverage } = read(
      istio(
        'DestinationRule',
        'a',
        'host: a\ntrafficPolicy:\n  connectionPool:\n    http: { http2MaxRequests: 5 }\n    tcp: { tcpKeepalive: { time: 1s }, maxConnections: 3 }',
      ),
    );
    const status = new Map(coverage.map((each) => [each.field, each.status]));
    assert.equal(status.get('spec.trafficPolicy.connectionPool.http.http2MaxRequests'), 'applied');
    assert.equal(status.get('spec.trafficPolicy.connectionPool.tcp.maxConnections'), 'approximated');
    assert.equal(status.get('spec.trafficPolicy.connectionPool.tcp.tcpKeepalive'), 'not applied');
    assert.ok(coverage.every((each) => each.status === 'applied' || each.why !== undefined));
  });

  it('says of an Istio kind that it does not know that it is not applied', () => {
    const { coverage } = read(
      'apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: { name: x }\nspec: {}',
    );
    assert.equal(coverage[0]?.status, 'not applied');
    assert.match(coverage[0]?.object ?? '', /EnvoyFilter x/);
  });

  it('warns of hosts and subsets that no manifest declares', () => {
    const text = [
      ...PLATFORM,
      istio(
        'VirtualService',
        'p',
        'hosts: [payment]\nhttp:\n- route: [{ destination: { host: payment, subset: v3 } }]\n- route: [{ destination: { host: nobody } }]',
      ),
    ].join('\n---\n');
    const { problems } = buildRuleSet([{ file: 'rules.yaml', text }]);
    assert.ok(problems.some((each) => /subset v3/.test(each.message)));
    assert.ok(problems.some((each) => /nobody\.shop/.test(each.message)));
  });
});
