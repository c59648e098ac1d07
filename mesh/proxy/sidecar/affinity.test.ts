// https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersFrom } from '../../rules/routing/match/call.ts';
import { affinityOf } from './affinity.ts';

const call = (headers: Record<string, string> = {}, path = '/') => ({
  ...{ host: 'h', port: 80, authority: 'h', method: 'GET', path, scheme: 'http' },
  headers: headersFrom(headers),
});

describe('what a consistent hash looks at', () => {
  it('is a header, a query parameter or who calls', () => {
    assert.deepEqual(affinityOf({ header: 'x-user' }, call({ 'x-user': 'ann' }), 's'), { key: 'ann' });
    assert.deepEqual(affinityOf({ query: 'user' }, call({}, '/a?b=c&user=%41'), 's'), { key: '%41' });
    assert.deepEqual(affinityOf({ source: true }, call(), 's'), { key: 's' });
    assert.deepEqual(affinityOf({ source: false }, call(), 's'), { key: undefined });
  });
  const hash = { cookie: { name: 'at', ttlMs: 90_500 } };
  it('is a cookie, with or without quotes', () => {
    for (const cookie of ['at=abc', 'a=b; at="abc"', 'that=no;at=abc;b=c'])
      assert.deepEqual(affinityOf(hash, call({ cookie }), 's'), { key: 'abc' }, cookie);
  });
  it('is a new cookie where there is none, if it has a lifetime', () => {
    const { key, setCookie } = affinityOf(hash, call({ cookie: 'cat=abc' }), 's');
    assert.match(key ?? '', /^[0-9a-f]{16}$/);
    assert.equal(setCookie, `at="${key}"; Max-Age=90; HttpOnly`);
    const session = affinityOf({ cookie: { name: 'at', path: '/a', ttlMs: 0 } }, call(), 's');
    assert.equal(session.setCookie, `at="${session.key}"; Path=/a; HttpOnly`);
    assert.deepEqual(affinityOf({ cookie: { name: 'at' } }, call(), 's'), { key: undefined });
  });
});
