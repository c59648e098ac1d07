import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, SignJWT, UnsecuredJWT } from 'jose';
import { systemClock } from '#kit/clock/system-clock.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import { removeExpiredLogins } from '#kit/identity/accounts/logins.ts';
import { createIdentity } from '#kit/identity/identity.ts';
import { createTokenIssuer, generateSigningKey } from '#kit/identity/tokens/token-issuer.ts';
import { headerBag } from '#kit/telemetry/header-bag.ts';
import { quietLog } from '#kit/testing/quiet-log.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

type UserService = TestService<typeof manifest>;

const password = 'correct horse battery';
/** Hashing as in production would take most of the time of these tests. */
const cheap = { USER_PASSWORD_COST: '10' };
const issuer = 'https://fairlead.example/';
const audience = 'fairlead';

const withReason = (code: string, reason: string) => (error: unknown) => {
  assert.ok(RpcError.is(error), String(error));
  assert.deepEqual([error.code, error.details.reason], [code, reason]);
  return true;
};

let number = 0;

/** A new account, logged in. */
async function registered(test: UserService, email = `user${++number}@example.com`) {
  const nobody = await test.as(null);
  const { user, tokens } = await nobody.register({ email, password, displayName: 'Ada' });
  const id = user?.userId ?? '';
  return {
    id,
    email,
    user,
    accessToken: tokens?.accessToken ?? '',
    refreshToken: tokens?.refreshToken ?? '',
    client: await test.as({ id }),
  };
}

async function keySetOf({ adminAddress }: UserService): Promise<JSONWebKeySet> {
  const response = await fetch(`http://${adminAddress}/.well-known/jwks.json`);
  return (await response.json()) as JSONWebKeySet;
}

describe('user', () => {
  let test: UserService;
  before(async () => {
    test = await startTestService(service, {
      user: null,
      env: { ...cheap, USER_ADMIN_EMAILS: 'root@example.com', USER_SUPPORT_EMAILS: 'Help@example.com' },
    });
  });
  after(() => test.stop());

  it('registers an account, logs it in and tells the others', async () => {
    const { user, id } = await registered(test, 'First@Example.com');
    assert.deepEqual([user?.email, user?.displayName, user?.roles], ['first@example.com', 'Ada', ['customer']]);
    const event = await test.events.next('fairlead.user.v1.UserEvent', ({ key }) => key === id);
    assert.deepEqual(
      [event.payload.sequence, event.payload.registered],
      [1, { email: 'first@example.com', displayName: 'Ada', locale: '' }],
    );
  });

  it('keeps neither passwords nor tokens nor API keys, only their hashes', async () => {
    const { client, email, refreshToken } = await registered(test);
    const { secret } = await client.createApiKey({ displayName: 'key' });
    const tables = ['users', 'logins', 'refreshTokens', 'apiKeys'] as const;
    const rows = await Promise.all(tables.map((table) => test.db.selectFrom(table).selectAll().execute()));
    const stored = JSON.stringify(rows, (_, value) => (Buffer.isBuffer(value) ? value.toString('latin1') : value));
    assert.ok(stored.includes(email));
    for (const text of [password, refreshToken, secret, secret.split('_')[2] ?? '']) assert.ok(!stored.includes(text));
    const logs = JSON.stringify(test.logs);
    for (const text of [password, refreshToken, secret]) assert.ok(!logs.includes(text));
  });

  it('refuses an email that is taken, in any letter case, also when two come at once', async () => {
    const { email } = await registered(test);
    await assert.rejects(registered(test, email.toUpperCase()), withReason('ALREADY_EXISTS', 'EMAIL_TAKEN'));
    const both = await Promise.allSettled([registered(test, 'twin@example.com'), registered(test, 'twin@example.com')]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  });

  it('refuses what is no email, a short password and a long one, naming every field', async () => {
    const long = 'x'.repeat(129);
    await assert.rejects(test.client.register({ email: 'nobody', password: 'short', displayName: '' }), (error) => {
      assert.ok(RpcError.is(error) && error.code === 'INVALID_ARGUMENT');
      const fields = error.details.fieldViolations?.map(({ field }) => field);
      assert.deepEqual(fields?.toSorted(), ['display_name', 'email', 'password']);
      return !JSON.stringify(error.details).includes('short"');
    });
    await assert.rejects(test.client.register({ email: 'a@example.com', password: long, displayName: 'A' }), {
      code: 'INVALID_ARGUMENT',
    });
  });

  it('logs in with the password, in any letter case of the email, and with nothing else', async () => {
    const { email, id } = await registered(test);
    const { user, tokens } = await test.client.login({ email: email.toUpperCase(), password });
    assert.equal(user?.userId, id);
    assert.notEqual(tokens?.accessToken, '');
    const wrong = withReason('UNAUTHENTICATED', 'WRONG_CREDENTIALS');
    await assert.rejects(test.client.login({ email, password: 'wrong' }), wrong);
    await assert.rejects(test.client.login({ email: 'unknown@example.com', password }), wrong);
  });

  it('answers 50 logins at once', async () => {
    const { email, id } = await registered(test);
    const answers = await Promise.all(Array.from({ length: 50 }, () => test.client.login({ email, password })));
    for (const { user } of answers) assert.equal(user?.userId, id);
  });

  it('signs access tokens that every service verifies with the published keys', async () => {
    const { accessToken, id } = await registered(test);
    const keys = await keySetOf(test);
    assert.deepEqual((await test.client.getJsonWebKeySet({})).keys, keys.keys);
    assert.ok(keys.keys.every((key) => key.kty === 'OKP' && key.crv === 'Ed25519' && !('d' in key)));
    const identity = createIdentity({
      jwksUri: '',
      issuer,
      audience,
      clock: systemClock,
      log: quietLog(),
      keys: createLocalJWKSet(keys),
    });
    const caller = await identity.caller(headerBag([['authorization', `Bearer ${accessToken}`]]));
    assert.deepEqual(
      [caller.user?.id, caller.user?.roles, caller.user?.credential],
      [id, ['customer'], 'access_token'],
    );
    const { exp = 0, iat = 0 } = decodeJwt(accessToken);
    assert.equal(exp - iat, 600);
  });

  it('keeps its key, and with it all tokens, over a restart', async () => {
    const { accessToken, id } = await registered(test);
    const before = await keySetOf(test);
    test = await test.restart();
    assert.deepEqual(await keySetOf(test), before);
    const { valid, user } = await test.client.validateToken({ accessToken });
    assert.deepEqual([valid, user?.userId], [true, id]);
  });

  it('gives a new pair for a refresh token, once', async () => {
    const { refreshToken } = await registered(test);
    const { tokens } = await test.client.refreshToken({ refreshToken });
    assert.notEqual(tokens?.refreshToken, refreshToken);
    const { tokens: next } = await test.client.refreshToken({ refreshToken: tokens?.refreshToken });
    const { valid } = await test.client.validateToken({ accessToken: next?.accessToken });
    assert.equal(valid, true);
  });

  it('ends the login when a refresh token comes twice: its newest tokens are worth nothing either', async () => {
    const { refreshToken, accessToken, email } = await registered(test);
    const { tokens: stolen } = await test.client.refreshToken({ refreshToken });
    const { tokens: other } = await test.client.login({ email, password });
    await assert.rejects(
      test.client.refreshToken({ refreshToken }),
      withReason('UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED'),
    );
    await assert.rejects(
      test.client.refreshToken({ refreshToken: stolen?.refreshToken }),
      withReason('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'),
    );
    for (const token of [accessToken, stolen?.accessToken]) {
      assert.deepEqual(await test.client.validateToken({ accessToken: token }), { valid: false, user: null });
    }
    // Another login of the same user is not touched.
    assert.equal((await test.client.validateToken({ accessToken: other?.accessToken })).valid, true);
    await test.client.refreshToken({ refreshToken: other?.refreshToken });
  });

  it('gives one pair of two that are asked for at once with one token, and ends the login', async () => {
    const { refreshToken } = await registered(test);
    const both = await Promise.allSettled([1, 2].map(() => test.client.refreshToken({ refreshToken })));
    const [won] = both.filter((outcome) => outcome.status === 'fulfilled');
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    const { valid } = await test.client.validateToken({ accessToken: won?.value.tokens?.accessToken });
    assert.equal(valid, false);
  });

  it('refuses a refresh token that is unknown or has expired', async () => {
    const { refreshToken, id } = await registered(test);
    const invalid = withReason('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
    await assert.rejects(test.client.refreshToken({ refreshToken: 'made up' }), invalid);
    await test.db
      .updateTable('refreshTokens')
      .set({ expireTime: new Date(Date.now() - 1) })
      .where('loginId', 'in', (is) => is.selectFrom('logins').select('loginId').where('userId', '=', id))
      .execute();
    await assert.rejects(test.client.refreshToken({ refreshToken }), invalid);
    // What has expired is swept, with its login, and nothing else is.
    const { accessToken } = await registered(test);
    await removeExpiredLogins(test.db, new Date());
    const left = () => test.db.selectFrom('logins').selectAll().where('userId', '=', id).execute();
    assert.deepEqual(await left(), []);
    assert.equal((await test.client.validateToken({ accessToken })).valid, true);
  });

  it('takes no forged token: wrong key, no algorithm, other audience, expired, of nobody', async () => {
    const { id } = await registered(test);
    const claims = { sub: id, roles: ['admin'], sid: '01941f29-7c00-7000-8000-000000000000' };
    const mint = async (privateKey: string, options: { audience?: string } = {}) =>
      (
        await (
          await createTokenIssuer({ privateKeys: [privateKey], issuer, audience, clock: systemClock, ...options })
        ).issue(claims, '5m')
      ).token;
    const { privateKey } = await test.db.selectFrom('signingKeys').selectAll().executeTakeFirstOrThrow();
    const ownIssuer = await createTokenIssuer({ privateKeys: [privateKey], issuer, audience, clock: systemClock });
    const forged = [
      await mint(generateSigningKey()),
      new UnsecuredJWT(claims).setIssuer(issuer).setAudience(audience).setExpirationTime('5m').encode(),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setExpirationTime('5m')
        .sign(Buffer.alloc(32)),
      await mint(privateKey, { audience: 'another' }),
      (await ownIssuer.issue(claims, '-1s' as '1s').catch(() => ({ token: 'x.y.z' }))).token,
      // Signed by us, but no such login exists.
      await mint(privateKey),
      'not a token',
    ];
    for (const accessToken of forged) {
      assert.equal((await test.client.validateToken({ accessToken })).valid, false, accessToken);
    }
  });

  it('reads the own account only; staff reads all', async () => {
    const [ada, bob] = [await registered(test), await registered(test)];
    for (const userId of ['', 'me', ada.id]) {
      assert.equal((await ada.client.getUser({ userId })).user?.email, ada.email);
    }
    await assert.rejects(ada.client.getUser({ userId: bob.id }), withReason('NOT_FOUND', 'USER_NOT_FOUND'));
    const support = await test.as({ roles: ['support'] });
    assert.equal((await support.getUser({ userId: bob.id })).user?.email, bob.email);
    await assert.rejects(test.client.getUser({ userId: bob.id }), { code: 'UNAUTHENTICATED' });
  });

  it('answers with the asked-for fields, and refuses others', async () => {
    const { client, email } = await registered(test);
    const { user } = await client.getUser({ readMask: { paths: ['email', 'roles'] } });
    assert.deepEqual([user?.email, user?.roles, user?.userId, user?.displayName], [email, ['customer'], '', '']);
    await assert.rejects(client.getUser({ readMask: { paths: ['password_hash'] } }), { code: 'INVALID_ARGUMENT' });
  });

  it('changes the named fields, under the guard of an etag, and tells the others', async () => {
    const { client, id, user } = await registered(test);
    const shippingAddress = {
      recipient: 'Ada',
      lines: ['1 Lane'],
      city: 'York',
      postalCode: 'YO1 7HH',
      countryCode: 'GB',
    };
    const request = { user: { displayName: 'Countess', shippingAddress, etag: user?.etag } };
    const { user: changed } = await client.updateUser(request);
    assert.deepEqual([changed?.displayName, changed?.shippingAddress?.city], ['Countess', 'York']);
    assert.notEqual(changed?.etag, user?.etag);
    const event = await test.events.next(
      'fairlead.user.v1.UserEvent',
      (one) => one.key === id && one.payload.sequence === 2,
    );
    assert.equal(event.payload.updated?.displayName, 'Countess');
    // Repeated, it changes nothing, and nobody is told.
    assert.deepEqual((await client.updateUser(request)).user, changed);
    await assert.rejects(
      client.updateUser({ user: { displayName: 'Lady', etag: user?.etag } }),
      withReason('ABORTED', 'ETAG_MISMATCH'),
    );
    const cleared = await client.updateUser({ user: {}, updateMask: { paths: ['shipping_address'] } });
    assert.deepEqual([cleared.user?.shippingAddress, cleared.user?.displayName], [null, 'Countess']);
  });

  it("refuses to change others, what only the service sets, and values against the contract's rules", async () => {
    const [ada, bob] = [await registered(test), await registered(test)];
    await assert.rejects(ada.client.updateUser({ userId: bob.id, user: { displayName: 'X' } }), { code: 'NOT_FOUND' });
    for (const request of [
      { user: { email: 'x@example.com' }, updateMask: { paths: ['email'] } },
      { user: { roles: ['admin'] }, updateMask: { paths: ['roles'] } },
      { user: { locale: 'not a language' } },
      { user: { shippingAddress: { recipient: 'Ada', lines: ['1'], city: 'York', countryCode: 'gb' } } },
      {},
    ]) {
      await assert.rejects(ada.client.updateUser(request), { code: 'INVALID_ARGUMENT' });
    }
    await ada.client.updateUser({ user: { roles: ['admin'], email: 'x@example.com', displayName: 'New' } });
    const { user } = await ada.client.getUser({});
    assert.deepEqual([user?.email, user?.roles, user?.displayName], [ada.email, ['customer'], 'New']);
  });

  it('gives staff roles to the emails of the configuration, in tokens too', async () => {
    const root = await registered(test, 'root@example.com');
    assert.deepEqual(root.user?.roles, ['customer', 'admin']);
    assert.deepEqual(decodeJwt(root.accessToken).roles, ['customer', 'admin']);
    assert.deepEqual((await registered(test, 'help@example.com')).user?.roles, ['customer', 'support']);
  });
});

describe('API keys', () => {
  let test: UserService;
  before(async () => {
    test = await startTestService(service, { user: null, env: cheap });
  });
  after(() => test.stop());

  const invalid = withReason('UNAUTHENTICATED', 'API_KEY_INVALID');

  it('are shown once and exchanged for a token that says what it is', async () => {
    const { client, id } = await registered(test);
    const { apiKey, secret } = await client.createApiKey({ displayName: 'till' });
    assert.ok(secret.startsWith(apiKey?.prefix ?? '-'));
    const { accessToken, user } = await test.client.exchangeApiKey({ apiKey: secret });
    assert.deepEqual(
      [user?.userId, user?.apiKeyId, user?.credentialKind],
      [id, apiKey?.apiKeyId, 'CREDENTIAL_KIND_API_KEY'],
    );
    const claims = decodeJwt(accessToken);
    assert.deepEqual([claims.sub, claims.credential, claims.api_key_id], [id, 'api_key', apiKey?.apiKeyId]);
    const validated = await test.client.validateToken({ accessToken });
    assert.deepEqual([validated.valid, validated.user?.credentialKind], [true, 'CREDENTIAL_KIND_API_KEY']);
    const { apiKeys } = await client.listApiKeys({});
    assert.ok(apiKeys[0]?.lastUseTime instanceof Date && apiKeys[0].lastUseTime.getTime() % 60_000 === 0);
    assert.ok(!JSON.stringify(apiKeys).includes(secret));
  });

  it('are worth nothing with another secret, revoked or expired; nor are their tokens when they are revoked', async () => {
    const { client } = await registered(test);
    const { apiKey, secret } = await client.createApiKey({
      displayName: 'till',
      expireTime: new Date(Date.now() + 300_000),
    });
    await assert.rejects(test.client.exchangeApiKey({ apiKey: `${apiKey?.prefix}_${'A'.repeat(43)}` }), invalid);
    await assert.rejects(test.client.exchangeApiKey({ apiKey: 'fl_nonsense' }), invalid);
    const { accessToken } = await test.client.exchangeApiKey({ apiKey: secret });
    const { exp = 0 } = decodeJwt(accessToken);
    assert.ok(exp * 1000 <= (apiKey?.expireTime?.getTime() ?? 0));
    const revoked = await client.revokeApiKey({ apiKeyId: apiKey?.apiKeyId });
    assert.ok(revoked.apiKey?.revokeTime);
    assert.deepEqual(await client.revokeApiKey({ apiKeyId: apiKey?.apiKeyId }), revoked);
    await assert.rejects(test.client.exchangeApiKey({ apiKey: secret }), invalid);
    assert.equal((await test.client.validateToken({ accessToken })).valid, false);
    const other = await client.createApiKey({ displayName: 'old' });
    await test.db
      .updateTable('apiKeys')
      .set({ expireTime: new Date(Date.now() - 1) })
      .where('apiKeyId', '=', other.apiKey?.apiKeyId ?? '')
      .execute();
    await assert.rejects(test.client.exchangeApiKey({ apiKey: other.secret }), invalid);
  });

  it('are listed newest first, page by page, revoked ones included', async () => {
    const { client } = await registered(test);
    for (let index = 0; index < 5; index++) await client.createApiKey({ displayName: `key ${index}` });
    const first = await client.listApiKeys({ pageSize: 3 });
    assert.deepEqual(
      [first.totalSize, first.apiKeys.map(({ displayName }) => displayName)],
      [5, ['key 4', 'key 3', 'key 2']],
    );
    await client.revokeApiKey({ apiKeyId: first.apiKeys[0]?.apiKeyId });
    const second = await client.listApiKeys({ pageSize: 3, pageToken: first.nextPageToken });
    assert.deepEqual(
      [second.nextPageToken, second.apiKeys.map(({ displayName }) => displayName)],
      ['', ['key 1', 'key 0']],
    );
    assert.equal((await client.listApiKeys({})).totalSize, 5);
  });

  it('of another user are not found, and are made by nobody but their user', async () => {
    const [ada, bob] = [await registered(test), await registered(test)];
    const { apiKey } = await bob.client.createApiKey({ displayName: "bob's" });
    const apiKeyId = apiKey?.apiKeyId;
    await assert.rejects(ada.client.revokeApiKey({ apiKeyId }), withReason('NOT_FOUND', 'API_KEY_NOT_FOUND'));
    await assert.rejects(ada.client.listApiKeys({ userId: bob.id }), { code: 'NOT_FOUND' });
    await assert.rejects(ada.client.createApiKey({ userId: bob.id, displayName: 'x' }), { code: 'NOT_FOUND' });
    const support = await test.as({ roles: ['support'] });
    assert.equal((await support.listApiKeys({ userId: bob.id })).totalSize, 1);
    await assert.rejects(
      support.createApiKey({ userId: bob.id, displayName: 'x' }),
      withReason('PERMISSION_DENIED', 'NOT_THE_USER'),
    );
    await support.revokeApiKey({ userId: bob.id, apiKeyId });
  });

  it('are not made for a token whose account is gone', async () => {
    const nobody = await test.as({});
    await assert.rejects(nobody.createApiKey({ displayName: 'x' }), withReason('NOT_FOUND', 'USER_NOT_FOUND'));
  });

  it('cannot be made to expire in the past', async () => {
    const { client } = await registered(test);
    const expireTime = new Date(Date.now() - 60_000);
    await assert.rejects(client.createApiKey({ displayName: 'x', expireTime }), { code: 'INVALID_ARGUMENT' });
  });
});

describe('signing key of the configuration', () => {
  it('signs, and an older one after it still verifies', async () => {
    const [older, newer] = [generateSigningKey(), generateSigningKey()];
    const test = await startTestService(service, {
      user: null,
      env: { ...cheap, USER_SIGNING_KEY: `${newer}${older}` },
    });
    try {
      const { keys } = await keySetOf(test);
      assert.equal(keys.length, 2);
      const { accessToken } = await registered(test);
      const identity = (keySet: JSONWebKeySet) =>
        createIdentity({
          jwksUri: '',
          issuer,
          audience,
          clock: systemClock,
          log: quietLog(),
          keys: createLocalJWKSet(keySet),
        });
      const [first] = keys;
      assert.ok(first);
      const headers = headerBag([['authorization', `Bearer ${accessToken}`]]);
      assert.ok((await identity({ keys: [first] }).caller(headers)).user);
      assert.equal((await test.db.selectFrom('signingKeys').selectAll().execute()).length, 0);
    } finally {
      await test.stop();
    }
  });

  it('stops the start when it is no key, by its name and without its value', async () => {
    const secret = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
    for (const key of [secret, 'c2VjcmV0']) {
      await assert.rejects(startTestService(service, { env: { USER_SIGNING_KEY: key } }), (error) => {
        const text = String(error);
        return text.includes('USER_SIGNING_KEY') && text.includes('openssl') && !text.includes('c2VjcmV0');
      });
    }
  });
});

describe('passwords at full cost', () => {
  it('are hashed in the memory of two, however many log in at once', async () => {
    const test = await startTestService(service, { user: null });
    try {
      const { email } = await registered(test);
      const before = process.memoryUsage.rss();
      let most = before;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage.rss());
      }, 5);
      const login = () => test.client.login({ email, password }, { timeout: '60s' });
      await Promise.all(Array.from({ length: 12 }, login)).finally(() => clearInterval(watch));
      // All of them at once would take 384 MiB.
      assert.ok(most - before < 192 * 2 ** 20, `${most - before} bytes`);
    } finally {
      await test.stop();
    }
  });
});
