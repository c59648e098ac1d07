import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '../errors/rpc-error.ts';
import { createLogger, type LogLevel } from './logger.ts';

function capture(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const sink = { write: (text: string) => lines.push(text) };
  const log = createLogger({ level, fields: { service: 'payment', version: 'v2' }, sink });
  return { log, lines, parsed: () => lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

test('a line is one JSON object with time, level, message and all fields', () => {
  const { log, lines, parsed } = capture();
  log
    .child({ requestId: 'r1' })
    .child({ rpc: 'a/B' })
    .info('charged\nonce', { amount: 12n, at: new Date(0) });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^[^\n]+\n$/);
  const { time, ...line } = parsed()[0] ?? {};
  assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(line, {
    level: 'info',
    message: 'charged\nonce',
    service: 'payment',
    version: 'v2',
    requestId: 'r1',
    rpc: 'a/B',
    amount: '12',
    at: '1970-01-01T00:00:00.000Z',
  });
});

test('a line below the level is not formatted', () => {
  const { log, lines } = capture('warn');
  const trap = {
    get value(): never {
      throw new Error('formatted');
    },
  };
  log.debug('no', trap);
  log.info('no', trap);
  assert.equal(lines.length, 0);
  log.warn('yes');
  assert.equal(lines.length, 1);
});

test('secrets are hidden by the name of their field at any depth', () => {
  const { log, lines } = capture();
  log.info('x', {
    request: {
      password: 'hunter2',
      card: { number: '4242424242424242' },
      cardNumber: '4242',
      items: [{ apiKey: 'fk_s3cret' }],
    },
    headers: { authorization: 'Bearer s3cret', cookie: 's3cret' },
    refresh_token: 's3cret',
    apiKeyId: 'key-7',
  });
  assert.doesNotMatch(lines.join(''), /hunter2|4242|s3cret/);
  assert.match(lines.join(''), /"apiKeyId":"key-7"/);
});

test('secrets are hidden by their shape in messages and errors', () => {
  const { log, lines } = capture();
  const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
  const error = new Error(`connect postgres://order:hunter2@db:5432/order with ${jwt}`, {
    cause: new Error('Bearer abcdefgh1234'),
  });
  log.error(`failed for ${jwt}`, { error });
  assert.doesNotMatch(lines.join(''), /hunter2|eyJ|abcdefgh1234/);
  assert.match(lines.join(''), /postgres:\/\/order:\[redacted\]@db:5432/);
});

test('an error is written with code, details and causes', () => {
  const { log, parsed } = capture();
  const error = new RpcError('NOT_FOUND', 'no such order', {
    reason: 'ORDER_NOT_FOUND',
    cause: new TypeError('inner'),
  });
  log.error('failed', { error });
  const written = parsed()[0]?.error as Record<string, unknown>;
  assert.equal(written.code, 'NOT_FOUND');
  assert.deepEqual(written.details, { reason: 'ORDER_NOT_FOUND' });
  assert.equal((written.cause as Record<string, unknown>).message, 'inner');
});

test('what cannot be JSON does not stop the process', () => {
  const { log, lines } = capture();
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  log.info('x', { loop, nothing: undefined, fn: () => 1, bytes: new Uint8Array(3), map: new Map([['a', 1]]) });
  log.info('y'.repeat(20_000));
  assert.equal(lines.length, 2);
  assert.ok((lines[1] ?? '').length < 9000);
});

test("a field cannot replace the line's own time, level and message", () => {
  const { log, parsed } = capture();
  log.info('real', { level: 'error', message: 'forged', time: 0 });
  assert.deepEqual([parsed()[0]?.level, parsed()[0]?.message], ['info', 'real']);
});
