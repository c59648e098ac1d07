import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { ManualClock } from '../clock/manual-clock.ts';
import type { Caller } from '../context.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { headerBag } from '../telemetry/header-bag.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createIdentity, type Identity } from './identity.ts';
import { createTokenIssuer, generateSigningKey, type TokenIssuer } from './tokens/token-issuer.ts';

const issuer = 'https://fairlead.example/';
const audience = 'fairlead';
const claims = { sub: '0190a0b0-0000-7000-8000-000000000001', roles: ['customer'] };
const clock = new ManualClock(new Date());
const log = createLogger({ level: 'silent' });
const key = generateSigningKey();

let tokens: TokenIssuer;
let identity: Identity;
let jwksUri: string;
let reads = 0;
let published: () => unknown = () => tokens.keySet;
const server = createServer((_request, response) => {
  reads += 1;
  const body = published();
  response.writeHead(body === undefined ? 503 : 200).end(JSON.stringify(body ?? {}));
});

before(async () => {
  tokens = await createTokenIssuer({ privateKeys: [key], issuer, audience, clock });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`;
  identity = createIdentity({ jwksUri, issuer, audience, clock, log });
});
after(() => server.close());

const bearer = (token: string) => headerBag([['authorization', `Bearer ${token}`]]);

async function refusal(token: string, by: Identity = identity): Promise<RpcError> {
  try {
    await by.caller(bearer(token));
  } catch (error) {
    assert.ok(RpcError.is(error));
    return error;
  }
  throw new Error('the token was accepted');
}

test('a valid token names its user, and is verified once', async () => {
  const { token } = await tokens.issue(claims, '15m');
  const first = identity.caller(bearer(token));
  const second = identity.caller(bearer(token));
  assert.ok(first instanceof Promise && second instanceof Promise);
  const expected = { user: { id: claims.sub, roles: ['customer'], credential: 'access_token' } };
  assert.deepEqual(await first, expected);
  await second;
  assert.deepEqual(identity.caller(bearer(token)), expected, 'at once');
  assert.equal(reads, 1);
});

test('a token of an API key says so', async () => {
  const { token } = await tokens.issue({ ...claims, credential: 'api_key', api_key_id: 'k1' }, '1m');
  const { user } = await identity.caller(bearer(token));
  assert.deepEqual([user?.credential, user?.apiKeyId], ['api_key', 'k1']);
});

test('no token is nobody; the mesh peer is told all the same', async () => {
  assert.deepEqual(await identity.caller(headerBag()), {});
  const cert =
    'By=spiffe://x;Hash=1;Subject="CN=a,OU=;URI=spiffe://evil";URI=spiffe://cluster.local/ns/fairlead/sa/web,By=y;Subject="";URI=spiffe://cluster.local/ns/fairlead/sa/order';
  const caller: Caller = await identity.caller(headerBag([['x-forwarded-client-cert', cert]]));
  assert.equal(caller.peer, 'spiffe://cluster.local/ns/fairlead/sa/order');
});

test('an expired token is refused, also when it was known before', async () => {
  const { token } = await tokens.issue(claims, '1m');
  await identity.caller(bearer(token));
  await clock.advance(66_000);
  assert.deepEqual((await refusal(token)).details.reason, 'TOKEN_EXPIRED');
  const fresh = createIdentity({ jwksUri, issuer, audience, clock, log });
  const error = await refusal(token, fresh);
  assert.deepEqual([error.code, error.details.reason], ['UNAUTHENTICATED', 'TOKEN_EXPIRED']);
});

test('forged tokens are refused', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(clock.now().getTime() / 1000);
  const body = { ...claims, iss: issuer, aud: audience, exp: now + 600 };
  const kid = tokens.keySet.keys[0]?.kid ?? '';
  const x = tokens.keySet.keys[0]?.x ?? '';
  const hs = `${part({ alg: 'HS256', kid })}.${part(body)}`;
  const good = (await tokens.issue(claims, '10m')).token;
  const [head = '', payload = '', signature = ''] = good.split('.');
  const own = await createTokenIssuer({ privateKeys: [generateSigningKey()], issuer, audience, clock });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const sign = (overrides: { issuer?: string; audience?: string }) =>
    createTokenIssuer({ privateKeys: [key], issuer, audience, clock, ...overrides }).then((i) =>
      i.issue(claims, '10m'),
    );
  const forged: Record<string, string> = {
    'alg none': `${part({ alg: 'none', kid })}.${part(body)}.`,
    'alg NONE with a signature': `${part({ alg: 'NONE', kid })}.${part(body)}.${signature}`,
    'HMAC with the public key': `${hs}.${createHmac('sha256', Buffer.from(x, 'base64url')).update(hs).digest('base64url')}`,
    'another key': (await own.issue(claims, '10m')).token,
    'RSA under the same key id': await new SignJWT(body).setProtectedHeader({ alg: 'RS256', kid }).sign(rsa),
    'wrong issuer': (await sign({ issuer: 'https://evil.example/' })).token,
    'wrong audience': (await sign({ audience: 'other' })).token,
    'changed payload': `${head}.${part({ ...body, roles: ['admin'] })}.${signature}`,
    'signature cut': good.slice(0, -4),
    'no roles': await (async () => {
      const issue = (await createTokenIssuer({ privateKeys: [key], issuer, audience, clock })).issue;
      return (await issue({ sub: 'u' } as never, '10m')).token;
    })(),
    'not a token': 'abc',
    'over-long': `${head}.${'A'.repeat(5000)}.${signature}`,
    empty: '',
  };
  assert.ok(payload.length > 0);
  for (const [name, token] of Object.entries(forged)) {
    const error = await refusal(token);
    assert.equal(error.code, 'UNAUTHENTICATED', name);
    assert.doesNotMatch(error.message, /signature|kid|alg/, name);
  }
});

test('another scheme, or two tokens, are refused', async () => {
  for (const authorization of ['Basic YTpi', 'Bearer a b', 'Bearer a, Bearer b', 'Bearer']) {
    await assert.rejects(async () => identity.caller(headerBag([['authorization', authorization]])), /Bearer/);
  }
});

test('a new key is found, and forged key ids do not become a flood of reads', async () => {
  const own = createIdentity({ jwksUri, issuer, audience, clock, log });
  await own.caller(bearer((await tokens.issue(claims, '10m')).token));
  const rotated = await createTokenIssuer({ privateKeys: [generateSigningKey(), key], issuer, audience, clock });
  published = () => rotated.keySet;
  const { token } = await rotated.issue(claims, '10m');
  const before = reads;
  for (let round = 0; round < 20; round += 1) await refusal(token, own);
  assert.equal(reads, before);
  await clock.advance(31_000);
  assert.equal((await own.caller(bearer(token))).user?.id, claims.sub);
  assert.equal(reads, before + 1);
  published = () => tokens.keySet;
});

test('without keys nobody is let in, and the answer says that it may be tried again', async () => {
  published = () => undefined;
  const own = createIdentity({ jwksUri, issuer, audience, clock, log });
  const { token } = await tokens.issue(claims, '10m');
  assert.equal((await refusal(token, own)).code, 'UNAVAILABLE');
  published = () => tokens.keySet;
  assert.equal((await own.caller(bearer(token))).user?.id, claims.sub);
});

test('what is handed on', () => {
  const incoming = headerBag([
    ['authorization', 'Bearer t'],
    ['x-request-id', 'r'],
    ['x-version', 'v2'],
    ['cookie', 'c'],
  ]);
  const outgoing = headerBag([['x-version', 'v3']]);
  identity.forward(incoming, outgoing);
  const [authorization, id, version, cookie] = ['authorization', 'x-request-id', 'x-version', 'cookie'].map((n) =>
    outgoing.get(n),
  );
  assert.deepEqual([authorization, id, version, cookie], ['Bearer t', 'r', 'v3', undefined]);
});
