// Details of errors survive the wire, and what is broken on the wire costs only the details.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notFound } from './not-found.ts';
import type { ErrorDetails } from './rpc-error.ts';
import { decodeStatusDetails, encodeStatus } from './status-details.ts';

test('every kind of detail comes back as it was sent', () => {
  const details: ErrorDetails = {
    reason: 'STOCK_GONE',
    domain: 'shop',
    metadata: { product: 'p-1' },
    fieldViolations: [
      { field: 'items[0].quantity', description: 'must be positive', reason: 'GTE' },
      { field: 'user_id', description: 'is missing' },
    ],
    preconditionViolations: [{ type: 'STATE', subject: 'orders/1', description: 'is delivered' }],
    resource: { type: 'api_key', name: 'k-1', description: 'was revoked' },
    retryDelayMs: 1_250,
    requestId: 'r-1',
  };
  assert.deepEqual(decodeStatusDetails(encodeStatus('ABORTED', 'no', details)), details);
});

test('NOT_FOUND names the resource and all ids that were asked for', () => {
  const { code, message, details } = notFound('API key', 'a', 'b');
  const { resource, reason } = decodeStatusDetails(encodeStatus(code, message, details));
  assert.deepEqual([code, reason, resource], ['NOT_FOUND', 'API_KEY_NOT_FOUND', { type: 'api_key', name: 'a,b' }]);
});

test('broken details are no details', () => {
  const whole = encodeStatus('NOT_FOUND', 'no', { resource: { type: 'product', name: 'p-1' } });
  assert.deepEqual(decodeStatusDetails(whole.subarray(0, -2)), {});
});
