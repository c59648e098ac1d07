import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineService } from '../manifest.ts';
import { ConfigError } from './config-error.ts';
import { readServiceConfig } from './kit-variables.ts';
import { readConfig } from './read-config.ts';
import { variable } from './variable.ts';

const variables = {
  SMTP_URL: variable.url({ description: 'Mail server', example: 'smtp://mail:25', secret: true }),
  WORKERS: variable.integer({ description: 'Workers', example: '4', default: 2, min: 1, max: 8 }),
  DRY_RUN: variable.boolean({ description: 'Sends nothing', example: 'true', default: false }),
  HOLD: variable.duration({ description: 'How long stock is held.', example: '10m', default: '5m' }),
  CHANNEL: variable.choice(['email', 'log'], { description: 'Channel', example: 'log', default: 'log' }),
  NAME: variable.string({ description: 'Name', example: 'a', default: '' }),
};

function problems(env: Record<string, string>): ConfigError {
  try {
    readConfig(variables, env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error;
  }
  throw new Error('accepted');
}

test('values have the types that were declared, and defaults where nothing is set', () => {
  const env = { SMTP_URL: 'smtp://mail:25', WORKERS: '8', DRY_RUN: 'TRUE', HOLD: '90s', CHANNEL: 'email', NAME: '' };
  assert.deepEqual(readConfig(variables, env), {
    SMTP_URL: 'smtp://mail:25',
    WORKERS: 8,
    DRY_RUN: true,
    HOLD: '90s',
    CHANNEL: 'email',
    NAME: '',
  });
  const values = readConfig(variables, { SMTP_URL: 'smtp://mail:25' });
  assert.deepEqual([values.WORKERS, values.DRY_RUN, values.HOLD], [2, false, '5m']);
});

test('every problem is named at once, with what was expected and an example', () => {
  const error = problems({ WORKERS: '9', DRY_RUN: 'perhaps', HOLD: '5', CHANNEL: 'pigeon' });
  assert.deepEqual(
    error.problems.map(({ name }) => name),
    ['SMTP_URL', 'WORKERS', 'DRY_RUN', 'HOLD', 'CHANNEL'],
  );
  assert.match(error.message, /SMTP_URL is missing: Mail server; expected a URL, for example smtp:\/\/mail:25/);
  assert.match(error.message, /WORKERS is "9": Workers; expected a whole number from 1 to 8, for example 4/);
  assert.match(error.message, /HOLD is "5": How long stock is held; expected a number with a unit/);
  assert.match(error.message, /CHANNEL is "pigeon": Channel; expected one of email, log/);
});

test('an empty value counts as missing', () => {
  assert.equal(problems({ SMTP_URL: '' }).problems.length, 1);
});

test('whole numbers are taken literally', () => {
  for (const text of ['1.5', '0x4', '1e1', ' 4', '4 ', 'NaN', '99999999999999999999']) {
    assert.deepEqual(problems({ SMTP_URL: 'smtp://m', WORKERS: text }).problems.length, 1, text);
  }
});

test("a secret's bad value is not shown", () => {
  const error = problems({ SMTP_URL: 'hunter2' });
  assert.match(error.message, /SMTP_URL has a value that is not accepted/);
  assert.doesNotMatch(error.message, /hunter2/);
});

test("a service's own variables and the kit's are read together", () => {
  const manifest = defineService({
    name: 'mailer',
    description: 'Mails.',
    database: { engine: 'postgres' },
    config: { SMTP_URL: variables.SMTP_URL },
  });
  assert.throws(
    () => readServiceConfig(manifest, { LOG_LEVEL: 'loud' }),
    (error) => error instanceof ConfigError && error.problems.length === 3,
  );
  const url = 'postgres://mailer:pw@127.0.0.1/mailer';
  const { kit, own } = readServiceConfig(manifest, {
    DATABASE_URL: url,
    SMTP_URL: 'smtp://m',
    FAIRLEAD_NAMESPACE: 'shop',
  });
  assert.equal(kit.databaseUrl, url);
  assert.equal(kit.eventLogUrl, undefined);
  assert.equal(kit.sampleRatio, 0.1);
  assert.equal(kit.FAIRLEAD_JWKS_URI, 'http://user.shop.svc.cluster.local:9090/.well-known/jwks.json');
  assert.deepEqual(own, { SMTP_URL: 'smtp://m' });
});
