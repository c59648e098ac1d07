// Envoy source/common/upstream/outlier_detection_impl.cc and
// https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterPolicy, type OutlierPolicy } from '../model/cluster-policy.ts';
import { istio, rulesFrom } from '../testing/manifests.ts';
import { OutlierDetector, selectable } from './outlier-detector.ts';

function policy(text: string): OutlierPolicy {
  const rules = rulesFrom(istio('DestinationRule', 'a', `host: a\ntrafficPolicy: { outlierDetection: { ${text} } }`));
  const { outlier } = clusterPolicy(rules.objects('DestinationRule'), 1, undefined);
  assert.ok(outlier);
  return outlier;
}

function detector(text: string, hosts = 4): OutlierDetector {
  const result = new OutlierDetector(policy(`maxEjectionPercent: 100, ${text}`));
  result.setHosts(Array.from({ length: hosts }, (_, index) => `h${index}`));
  return result;
}

const respond = (target: OutlierDetector, id: string, statuses: readonly number[], now = 0): boolean => {
  for (const httpStatus of statuses) target.record(id, { kind: 'response', httpStatus }, now);
  return target.isEjected(id);
};

describe('what ejects', () => {
  const rows: [rule: string, statuses: number[], ejected: boolean][] = [
    ['consecutive5xxErrors: 3', [500, 500], false],
    ['consecutive5xxErrors: 3', [500, 503, 500], true],
    ['consecutive5xxErrors: 3', [500, 500, 200, 500, 500], false],
    ['consecutive5xxErrors: 3', [500, 500, 404, 500, 500], false],
    ['consecutiveGatewayErrors: 2', [503, 502], true],
    ['consecutiveGatewayErrors: 2', [503, 500, 503], false],
    ['consecutiveGatewayErrors: 0, consecutive5xxErrors: 0', [503, 503, 503, 503, 503, 503, 503], false],
    ['interval: 10s', [500, 500, 500, 500], false],
    ['interval: 10s', [500, 500, 500, 500, 500], true],
    // gateway errors are counted as 5xx too, and the detector that is reached first ejects
    ['consecutiveGatewayErrors: 5, consecutive5xxErrors: 2', [503, 503], true],
  ];
  for (const [rule, statuses, ejected] of rows)
    it(`${rule} after ${statuses.join(' ')}: ${ejected}`, () =>
      assert.equal(respond(detector(rule), 'h0', statuses), ejected));

  it('counts failures to connect and timeouts as 503 and 504', () => {
    const target = detector('consecutiveGatewayErrors: 2');
    target.record('h0', { kind: 'local-failure', reason: 'connect' }, 0);
    target.record('h0', { kind: 'local-failure', reason: 'timeout' }, 0);
    assert.ok(target.isEjected('h0'));
  });

  it('counts local failures apart with splitExternalLocalOriginErrors', () => {
    const target = detector(
      'splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2, consecutive5xxErrors: 2',
    );
    target.record('h0', { kind: 'local-failure', reason: 'connect' }, 0);
    target.record('h0', { kind: 'response', httpStatus: 500 }, 0);
    assert.equal(target.isEjected('h0'), false);
    target.record('h0', { kind: 'connected' }, 0);
    target.record('h0', { kind: 'local-failure', reason: 'connect' }, 0);
    assert.equal(target.isEjected('h0'), false);
    target.record('h0', { kind: 'local-failure', reason: 'connect' }, 0);
    assert.equal(target.ejections()[0]?.reason, 'consecutive-local-origin-failure');
  });
});

describe('how many are ejected', () => {
  it('stays within maxEjectionPercent: (ejected + 1) / instances', () => {
    const target = new OutlierDetector(policy('consecutive5xxErrors: 1, maxEjectionPercent: 50'));
    target.setHosts(['a', 'b', 'c', 'd']);
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => respond(target, id, [500])),
      [true, true, false],
    );
  });
  it('never ejects one of two with the default of 10 %', () => {
    const target = new OutlierDetector(policy('consecutive5xxErrors: 1'));
    target.setHosts(['a', 'b']);
    assert.equal(respond(target, 'a', [500]), false);
  });
  it('falls back to everyone below minHealthPercent, and to no one without it', () => {
    const hosts = [{ id: 'h0' }, { id: 'h1' }];
    const panicking = detector('consecutive5xxErrors: 1, minHealthPercent: 60', 2);
    respond(panicking, 'h0', [500]);
    assert.equal(selectable(hosts, panicking).length, 2);
    const calm = detector('consecutive5xxErrors: 1', 2);
    respond(calm, 'h0', [500]);
    assert.deepEqual(selectable(hosts, calm), [{ id: 'h1' }]);
    respond(calm, 'h1', [500]);
    assert.deepEqual(selectable(hosts, calm), []);
  });
});

describe('how long', () => {
  const rule = 'consecutive5xxErrors: 1, baseEjectionTime: 10s, interval: 1s';

  it('stays away for the base time, and returns at a sweep', () => {
    const target = detector(rule);
    respond(target, 'h0', [500], 0);
    assert.deepEqual(target.sweep(9999), []);
    assert.deepEqual(target.sweep(10_000), ['h0']);
    assert.equal(target.isEjected('h0'), false);
  });

  it('stays longer with each repeat, up to 300 s', () => {
    const target = detector(rule);
    const stays: number[] = [];
    let now = 0;
    for (let round = 0; round < 40; round++) {
      respond(target, 'h0', [500], now);
      const until = target.ejections()[0]?.untilMs ?? 0;
      stays.push((until - now) / 1000);
      now = until;
      target.sweep(now);
    }
    assert.deepEqual(stays.slice(0, 4), [10, 20, 30, 40]);
    assert.equal(Math.max(...stays), 300);
  });

  it('shortens the next stay for each healthy interval', () => {
    const target = detector(rule);
    respond(target, 'h0', [500], 0);
    target.sweep(10_000);
    respond(target, 'h0', [500], 10_000);
    assert.equal(target.ejections()[0]?.untilMs, 30_000);
    target.sweep(30_000);
    target.sweep(31_000);
    target.sweep(32_000);
    respond(target, 'h0', [500], 32_000);
    assert.equal(target.ejections()[0]?.untilMs, 42_000);
  });

  it('starts counting anew after a return', () => {
    const target = detector('consecutive5xxErrors: 2, consecutiveGatewayErrors: 3, baseEjectionTime: 1s');
    respond(target, 'h0', [503, 503], 0);
    target.sweep(1000);
    assert.equal(respond(target, 'h0', [503], 1000), false);
  });

  it('keeps the state of instances that stay when others come and go', () => {
    const target = detector(rule);
    respond(target, 'h0', [500], 0);
    target.setHosts(['h0', 'new']);
    assert.deepEqual(
      target.ejections().map((each) => each.id),
      ['h0'],
    );
    target.setHosts(['new']);
    assert.deepEqual(target.ejections(), []);
  });
});
