// The way of a parcel: it ends, it can be called off until the carrier has it, and never twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '#kit/errors/rpc-error.ts';
import type { ShipmentState } from '#proto/fairlead/shipping/v1/shipment.ts';
import { canBeCancelled, estimateDelivery, isFinal, nextState, trackingNumberOf } from './journey.ts';

function statesFrom(state: ShipmentState): ShipmentState[] {
  const next = nextState(state);
  return next === undefined ? [state] : [state, ...statesFrom(next)];
}

test('a shipment comes through five states and ends delivered', () => {
  assert.deepEqual(statesFrom('SHIPMENT_STATE_SCHEDULED'), [
    'SHIPMENT_STATE_SCHEDULED',
    'SHIPMENT_STATE_PACKED',
    'SHIPMENT_STATE_IN_TRANSIT',
    'SHIPMENT_STATE_OUT_FOR_DELIVERY',
    'SHIPMENT_STATE_DELIVERED',
  ]);
});

test('nothing follows a final state', () => {
  assert.ok(isFinal('SHIPMENT_STATE_DELIVERED'));
  assert.ok(isFinal('SHIPMENT_STATE_CANCELLED'));
  assert.ok(!isFinal('SHIPMENT_STATE_OUT_FOR_DELIVERY'));
});

test('it can be called off until the carrier has it, and again without effect', () => {
  assert.equal(canBeCancelled('s', 'SHIPMENT_STATE_SCHEDULED'), true);
  assert.equal(canBeCancelled('s', 'SHIPMENT_STATE_PACKED'), true);
  assert.equal(canBeCancelled('s', 'SHIPMENT_STATE_CANCELLED'), false);
  for (const state of statesFrom('SHIPMENT_STATE_IN_TRANSIT')) {
    assert.throws(
      () => canBeCancelled('s', state),
      (error) =>
        RpcError.is(error) &&
        error.code === 'FAILED_PRECONDITION' &&
        error.details.preconditionViolations?.[0]?.type === 'ALREADY_IN_TRANSIT',
    );
  }
});

test('it is expected after the four steps that remain, and known by a number of its own', () => {
  assert.deepEqual(estimateDelivery(new Date(0), 2_000), new Date(8_000));
  assert.equal(trackingNumberOf('0198a0b1-c2d3-7e4f-8a9b-0c1d2e3f4a5b'), 'FL0C1D2E3F4A5B');
});
