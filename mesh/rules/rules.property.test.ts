// Whatever valid rules are generated, every call gets a decision and a verdict; whatever text is read, reading does not throw.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normalizePath } from './authz/path-normalization.ts';
import { buildRuleSet } from './model/rule-set.ts';
import { OutlierDetector } from './outlier/outlier-detector.ts';
import { findWorkload } from './predict/find-workload.ts';
import { predict } from './predict/predict.ts';
import { readManifests } from './read/documents.ts';
import { decide } from './routing/decide.ts';
import { headersFrom, parseAuthority } from './routing/match/call.ts';
import { Outbound } from './routing/outbound.ts';
import { object, policy, route, trafficPolicy } from './testing/arbitrary-rules.ts';
import { PLATFORM } from './testing/manifests.ts';

const number = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('any valid rules', () => {
  it('give every call a decision, and never throw', () => {
    fc.assert(
      fc.property(
        fc.array(route, { minLength: 1, maxLength: 4 }),
        trafficPolicy,
        policy,
        fc.record({
          path: fc.oneof(fc.constant('/shop.Payment/Charge'), fc.string()),
          header: fc.string(),
          host: fc.oneof(fc.constantFrom('payment', 'payment.shop'), fc.string()),
          port: fc.integer({ min: 1, max: 65535 }),
        }),
        fc.record({ weight: number, delay: number, abort: number, mirror: number }),
        (http, rule, authorization, call, draw) => {
          const text = [
            ...PLATFORM.slice(0, -1),
            object('VirtualService', 'v', { hosts: ['payment'], http }),
            object('DestinationRule', 'd', {
              host: 'payment',
              trafficPolicy: rule,
              subsets: [{ name: 'v1', labels: { version: 'v1' } }, { name: 'v2' }],
            }),
            object('AuthorizationPolicy', 'p', authorization),
          ].join('\n---\n');
          const { rules, problems } = buildRuleSet([{ file: 'generated.yaml', text }]);
          assert.ok(
            rules,
            `the generated rules are valid: ${problems.map((each) => `${each.field} ${each.message}`).join('; ')}`,
          );
          const decision = decide(
            new Outbound(rules, findWorkload(rules, 'checkout')),
            {
              ...call,
              authority: call.host,
              method: 'POST',
              scheme: 'http',
              headers: headersFrom({ 'x-a': call.header, 'grpc-timeout': call.header }),
            },
            draw,
          );
          assert.ok(['forward', 'reply', 'pass-through'].includes(decision.kind));
          const prediction = predict(rules, {
            from: 'checkout',
            to: 'payment',
            method: call.path.startsWith('/') ? call.path : `/${call.path}`,
          });
          const share = prediction.destinations.reduce((sum, each) => sum + each.share, 0);
          assert.ok(prediction.destinations.length === 0 || Math.abs(share - 1) < 1e-9);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('any text', () => {
  it('is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void readManifests([{ file: 'x.yaml', text }])),
      { numRuns: 300 },
    );
  });

  it('any structure under a rule is read or refused with a field', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('VirtualService', 'DestinationRule', 'Gateway', 'Sidecar', 'ServiceEntry'),
        fc.object({
          maxDepth: 3,
          key: fc.constantFrom(
            'hosts',
            'http',
            'route',
            'match',
            'host',
            'trafficPolicy',
            'servers',
            'port',
            'uri',
            'x',
          ),
        }),
        (kind, spec) => {
          for (const problem of readManifests([{ file: 'x.yaml', text: object(kind, 'n', spec) }]).problems)
            assert.ok(problem.line >= 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('as a path normalises to itself once normalised', () => {
    fc.assert(
      fc.property(
        fc.webPath(),
        fc.constantFrom('BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES' as const),
        (path, mode) => {
          const once = normalizePath(path, mode);
          if (once !== undefined) assert.equal(normalizePath(once, mode), once);
        },
      ),
    );
  });

  it('as an authority is a clean host or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const authority = parseAuthority(text);
        assert.ok(authority === undefined || /^[a-z0-9*.[\]:_-]+$/.test(authority.host));
      }),
    );
  });
});

describe('any history of results', () => {
  it('never ejects more than the percentage allows, and everyone returns in the end', () => {
    const policy = {
      consecutive5xx: 2,
      consecutiveGatewayErrors: 2,
      consecutiveLocalOriginFailures: 0,
      splitExternalLocalOriginErrors: false,
      intervalMs: 1000,
      baseEjectionMs: 1000,
      maxEjectionMs: 5000,
      maxEjectionPercent: 50,
      minHealthPercent: 0,
    };
    const step = fc.record({
      host: fc.integer({ min: 0, max: 5 }),
      status: fc.constantFrom(200, 500, 503, 404),
      pause: fc.integer({ min: 0, max: 2000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const detector = new OutlierDetector(policy);
        detector.setHosts(['0', '1', '2', '3', '4', '5']);
        let now = 0;
        for (const { host, status, pause } of steps) {
          now += pause;
          detector.sweep(now);
          detector.record(String(host), { kind: 'response', httpStatus: status }, now);
          assert.ok(detector.ejections().length <= 3);
        }
        detector.sweep(now + 5000);
        assert.deepEqual(detector.ejections(), []);
      }),
    );
  });
});
