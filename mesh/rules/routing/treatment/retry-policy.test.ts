// Conditions: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
// and x-envoy-retry-grpc-on; defaults: istio pilot/pkg/networking/core/route/retry/retry.go.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AttemptOutcome, backoffMs, compileRetries, isRetriable, parseRetryOn } from './retry-policy.ts';
import { formatGrpcTimeout, parseGrpcTimeout } from './timeout.ts';

const response = (httpStatus: number, grpcStatus?: number): AttemptOutcome => ({
  kind: 'response',
  httpStatus,
  ...(grpcStatus === undefined ? {} : { grpcStatus }),
});
const reset = (
  reason: Extract<AttemptOutcome, { kind: 'reset' }>['reason'],
  requestStarted = true,
): AttemptOutcome => ({ kind: 'reset', reason, requestStarted });

describe('retry conditions', () => {
  const rows: [on: string, outcome: AttemptOutcome, retriable: boolean][] = [
    ['unavailable', response(200, 14), true],
    ['unavailable', response(200, 4), false],
    ['unavailable', response(200), false],
    ['cancelled', response(200, 1), true],
    ['deadline-exceeded', response(200, 4), true],
    ['internal', response(200, 13), true],
    ['resource-exhausted', response(200, 8), true],
    ['unavailable', response(503), false],
    ['5xx', response(500), true],
    ['5xx', response(200, 13), false],
    ['5xx', reset('remote-reset'), true],
    ['5xx', reset('per-try-timeout'), true],
    ['gateway-error', response(502), true],
    ['gateway-error', response(500), false],
    ['gateway-error', reset('connection-lost'), true],
    ['reset', reset('remote-reset'), true],
    ['reset', reset('per-try-timeout'), true],
    ['reset', response(503), false],
    ['reset-before-request', reset('connection-lost', false), true],
    ['reset-before-request', reset('connection-lost', true), false],
    ['connect-failure', reset('connection-failure'), true],
    ['connect-failure', reset('remote-reset'), false],
    ['connect-failure', reset('per-try-timeout'), false],
    ['refused-stream', reset('refused-stream'), true],
    ['refused-stream', reset('remote-reset'), false],
    ['retriable-4xx', response(409), true],
    ['retriable-4xx', response(404), false],
    ['503', response(503), true],
    ['503', response(502), false],
    ['retriable-status-codes', response(503), false],
    ['5xx,unavailable', { kind: 'response', httpStatus: 503, rateLimited: true }, false],
    ['envoy-ratelimited', { kind: 'response', httpStatus: 429, rateLimited: true }, true],
    // never: it would add load to what is already full
    ['5xx,reset,connect-failure', reset('overflow', false), false],
  ];
  for (const [retryOn, outcome, retriable] of rows)
    it(`${retryOn} and ${JSON.stringify(outcome)}: ${retriable ? 'again' : 'no'}`, () => {
      const policy = compileRetries({ attempts: 1, retryOn }, true);
      assert.ok(policy);
      assert.equal(isRetriable(policy, outcome), retriable);
    });
});

describe("Istio's reading of retries", () => {
  it('an absent field means two retries on the default conditions', () => {
    const policy = compileRetries(undefined, true);
    assert.equal(policy?.attempts, 2);
    assert.deepEqual([...(policy?.on ?? [])].sort(), [
      'cancelled',
      'connect-failure',
      'refused-stream',
      'retriable-status-codes',
      'unavailable',
    ]);
    assert.equal(policy?.perTryTimeoutMs, undefined);
  });
  it('attempts: 0 means none', () => assert.equal(compileRetries({ attempts: 0 }, true), undefined));
  it('a field without retryOn keeps the default conditions', () => {
    const policy = compileRetries({ attempts: 4, perTryTimeout: 250 }, true);
    assert.ok(policy?.on.has('unavailable'));
    assert.equal(policy?.perTryTimeoutMs, 250);
  });
  it('a status code brings retriable-status-codes with it', () =>
    assert.ok(parseRetryOn('503, reset').on.has('retriable-status-codes')));
  it('retries avoid the instances that were tried, unless told not to or hashed', () => {
    assert.equal(compileRetries({ attempts: 1 }, true)?.avoidPrevious, true);
    assert.equal(compileRetries({ attempts: 1, retryIgnorePreviousHosts: false }, true)?.avoidPrevious, false);
    assert.equal(compileRetries(undefined, false)?.avoidPrevious, false);
  });
});

describe('back-off', () => {
  // Envoy: base 25 ms, the n-th pause lies in [0, min((2^(n-1)) * base, 10 * base)).
  const policy = compileRetries({ attempts: 9, backoff: 100 }, true);
  for (const [retry, ceiling] of [
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 800],
    [5, 1000],
    [9, 1000],
  ] as const)
    it(`retry ${retry} waits less than ${ceiling} ms`, () => {
      assert.ok(policy);
      assert.equal(backoffMs(policy, retry, 0), 0);
      assert.equal(backoffMs(policy, retry, 0.999999), ceiling - 1);
    });
});

describe('grpc-timeout', () => {
  for (const [text, ms] of [
    ['1S', 1000],
    ['250m', 250],
    ['1u', 1],
    ['2H', 7_200_000],
    ['99999999n', 100],
  ] as const)
    it(`${text} is ${ms} ms`, () => assert.equal(parseGrpcTimeout(text), ms));
  for (const bad of ['', '1', 'S', '123456789S', '-1S', '1.5S', '1s'])
    it(`${JSON.stringify(bad)} is none`, () => assert.equal(parseGrpcTimeout(bad), undefined));
  it('is written so that it fits', () => {
    assert.equal(formatGrpcTimeout(250), '250m');
    assert.equal(formatGrpcTimeout(200_000_000), '200000S');
    assert.equal(formatGrpcTimeout(0), '1m');
  });
});
