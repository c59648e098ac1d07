// How the steps of an order are undone, by the saga that placed it and by the one that calls it off.
// Each may be tried again after a crash and then finds its work done.

import type { Init } from '#kit/contract/shapes.ts';
import { RpcError } from '#kit/errors/rpc-error.ts';
import type { SagaContext } from '#kit/saga/saga.ts';
import type { ChargeRequest } from '#proto/fairlead/payment/v1/payment_service.ts';
import type manifest from '../manifest.ts';

export type Context = SagaContext<typeof manifest>;

/** Gives back all that was not given back yet; how much was in all, in minor units. */
export async function refundAll(paymentId: string, reason: string, context: Context): Promise<number> {
  const { requestId } = context;
  const { payment } = await context.clients.payment.refund({ requestId, paymentId, reason });
  return payment?.refundedAmount?.units ?? 0;
}

/**
 * Finds out what became of a charge whose answer was lost, so that nothing can be charged for it later either: the same
 * request id with a card that is always declined is either the first under that id and closes it, or is refused because
 * the charge was there before. The payment's id in the second case, undefined if nothing was charged.
 */
export async function settleCharge(charge: Init<ChargeRequest>, context: Context): Promise<string | undefined> {
  try {
    await context.clients.payment.charge({ ...charge, paymentToken: 'tok_void' });
    return undefined;
  } catch (error) {
    if (!RpcError.is(error) || error.code !== 'ALREADY_EXISTS') throw error;
  }
  const { payment } = await context.clients.payment.charge(charge);
  return payment === null || payment.status === 'PAYMENT_STATUS_DECLINED' ? undefined : payment.paymentId;
}

/** Calls a shipment off; false when the carrier has it already. */
export async function cancelShipment(shipmentId: string, context: Context): Promise<boolean> {
  try {
    await context.clients.shipping.cancel({ shipmentId });
    return true;
  } catch (error) {
    if (RpcError.is(error) && error.code === 'FAILED_PRECONDITION') return false;
    throw error;
  }
}
