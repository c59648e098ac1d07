// https://istio.io/latest/docs/reference/config/security/request_authentication/
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { findWorkload } from '../predict/find-workload.ts';
import type { JwtRule } from '../read/kinds/security.ts';
import { headersFrom } from '../routing/match/call.ts';
import { istio, platform } from '../testing/manifests.ts';
import { findToken, jwtRulesFor, type TokenResult, verifyToken } from './request-authentication.ts';

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let ours: Key;
let theirs: Key;
let jwks = '';

before(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  ours = pair.privateKey;
  theirs = (await generateKeyPair('ES256')).privateKey;
  jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', kid: 'one' }] });
});

const sign = (claims: JWTPayload, key: Key = ours, kid = 'one'): Promise<string> =>
  new SignJWT({ iss: 'https://id', sub: 'ann', exp: Math.floor(Date.now() / 1000) + 3600, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(key);

const rule = (more: Partial<JwtRule> = {}): JwtRule => ({ issuer: 'https://id', jwks, ...more });
const verify = (token: string, more: Partial<JwtRule> = {}): Promise<TokenResult> =>
  verifyToken([rule(more)], { value: token });

describe('tokens', () => {
  it('verifies and gives principal, audiences, presenter and claims', async () => {
    const result = await verify(await sign({ aud: ['a', 'b'], azp: 'app', scope: 'read write' }));
    assert.ok(result.kind === 'verified');
    assert.equal(result.token.principal, 'https://id/ann');
    assert.deepEqual(result.token.audiences, ['a', 'b']);
    assert.equal(result.token.presenter, 'app');
    assert.deepEqual(result.token.claims.scope, ['read', 'write']);
  });

  const refused: [name: string, token: () => Promise<string> | string, message: RegExp, more?: Partial<JwtRule>][] = [
    ['signed by another key', () => sign({}, theirs), /verification fails/],
    ['of an unknown key', () => sign({}, ours, 'two'), /verification fails/],
    ['of another issuer', () => sign({ iss: 'https://evil' }), /issuer is not configured/],
    ['expired, beyond the clock skew', () => sign({ exp: Math.floor(Date.now() / 1000) - 120 }), /expired/],
    ['not yet valid', () => sign({ nbf: Math.floor(Date.now() / 1000) + 3600 }), /verification fails/],
    ['for another audience', () => sign({ aud: 'x' }), /Audiences/, { audiences: ['y'] }],
    ['unsigned (alg none)', () => new UnsecuredJWT({ iss: 'https://id', sub: 'ann' }).encode(), /verification fails/],
    ['not a token at all', () => 'abc', /Header.Payload.Signature/],
    ['when the keys cannot be had', () => sign({}), /fetch is failed/, { jwks: 'nonsense' }],
  ];
  for (const [name, token, message, more] of refused)
    it(`refuses one ${name}`, async () => {
      const result = await verify(await token(), more);
      assert.ok(result.kind === 'refused');
      assert.match(result.message, message);
      assert.equal(result.forbidden === true, name === 'for another audience', 'a good token for somebody else is 403');
    });

  it('allows 60 s of clock skew', async () => {
    assert.equal((await verify(await sign({ exp: Math.floor(Date.now() / 1000) - 30 }))).kind, 'verified');
  });
});

describe('where a token is looked for', () => {
  const call = (headers: Record<string, string>, path = '/a') => ({
    host: 'h',
    port: 1,
    authority: 'h',
    method: 'POST',
    path,
    scheme: 'http',
    headers: headersFrom(headers),
  });
  it('in Authorization: Bearer, and in access_token', () => {
    assert.deepEqual(findToken([rule()], call({ authorization: 'Bearer abc' })), {
      value: 'abc',
      header: 'authorization',
    });
    assert.deepEqual(findToken([rule()], call({}, '/a?access_token=abc')), { value: 'abc' });
    assert.equal(findToken([rule()], call({ authorization: 'Basic abc' })), undefined);
  });
  it('only in the given headers and parameters when the rule names some', () => {
    const own = rule({ fromHeaders: [{ name: 'X-Token', prefix: 'jwt ' }] });
    assert.equal(findToken([own], call({ authorization: 'Bearer abc' })), undefined);
    assert.deepEqual(findToken([own], call({ 'x-token': 'jwt abc' })), { value: 'abc', header: 'x-token' });
  });
  it('in cookies when the rule names some', () => {
    const own = rule({ fromCookies: ['session'] });
    assert.deepEqual(findToken([own], call({ cookie: 'a=b; session=abc' })), { value: 'abc' });
    assert.equal(findToken([own], call({ authorization: 'Bearer abc', cookie: 'my-session=abc' })), undefined);
  });
  it('by the rules that select the workload', () => {
    const rules = platform(
      istio(
        'RequestAuthentication',
        'a',
        "selector: { matchLabels: { app: payment } }\njwtRules: [{ issuer: 'https://id' }]",
      ),
    );
    assert.equal(jwtRulesFor(rules, findWorkload(rules, 'payment-v1')).length, 1);
    assert.equal(jwtRulesFor(rules, findWorkload(rules, 'checkout')).length, 0);
  });
});
