// Why an order could not be carried out, in the customer's terms, from the step that failed and its error.
// Texts of other services stay out of it: they are written for programmers.
import type { SagaFailure } from '#kit';
import type { FailureReason, OrderFailure } from '#proto/fairlead/order/v1/order.ts';

const messages: Readonly<Record<FailureReason, string>> = {
  FAILURE_REASON_UNSPECIFIED: '',
  FAILURE_REASON_OUT_OF_STOCK: 'There is too little in stock. Nothing was charged in the end.',
  FAILURE_REASON_PAYMENT_DECLINED: 'The payment was declined. Try another card.',
  FAILURE_REASON_PAYMENT_UNAVAILABLE: 'The payment could not be made in time. Nothing was charged in the end.',
  FAILURE_REASON_SHIPPING_UNAVAILABLE: 'No shipment could be planned. What was charged has been given back.',
  FAILURE_REASON_INTERNAL: 'Something went wrong on our side. Whatever was charged has been given back.',
};

function reasonOf({ step, code, reason }: SagaFailure): FailureReason {
  const missing = code === 'FAILED_PRECONDITION' || (step === 'reserve' && code === 'NOT_FOUND');
  const unavailable = code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED';
  if (step === 'schedule') return 'FAILURE_REASON_SHIPPING_UNAVAILABLE';
  if (step === 'charge' && reason === 'PAYMENT_DECLINED') return 'FAILURE_REASON_PAYMENT_DECLINED';
  if (step === 'charge' && unavailable) return 'FAILURE_REASON_PAYMENT_UNAVAILABLE';
  if ((step === 'reserve' || step === 'commit') && missing) return 'FAILURE_REASON_OUT_OF_STOCK';
  return 'FAILURE_REASON_INTERNAL';
}

/** What the customer is told. `productIds` are the order's, for a failure that names none of them. */
export function failureOf(failure: SagaFailure, productIds: readonly string[]): OrderFailure {
  const reason = reasonOf(failure);
  const message = messages[reason];
  if (reason !== 'FAILURE_REASON_OUT_OF_STOCK') return { reason, message, productIds: [] };
  const named = (failure.preconditionViolations ?? []).filter(({ subject }) => productIds.includes(subject));
  return { reason, message, productIds: named.length > 0 ? named.map(({ subject }) => subject) : [...productIds] };
}
