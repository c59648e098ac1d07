// Generated from proto/ by `npm run generate`. Do not edit.
import type { Money } from '../../type/v1/money.ts';
import type { Payment, RiskAssessment } from './payment.ts';

/** Asks to take money. */
export interface ChargeRequest {
  /** Names this charge (AIP-155). */
  requestId: string;
  orderId: string;
  userId: string;
  /** More than zero, or INVALID_ARGUMENT: the one rule that the service checks itself. */
  amount: Money | null;
  /**
   * Stands for a card; card numbers never reach the platform. Test cards:
   * `tok_approve` is charged, `tok_decline` is declined, `tok_slow` is charged after some seconds,
   * `tok_unavailable` fails with UNAVAILABLE. Any other is declined.
   */
  paymentToken: string;
}

/** The payment, charged or declined. */
export interface ChargeResponse {
  payment: Payment | null;
  /** Version of the service that answered, `v1` or `v2`. */
  version: string;
  /** Absent from v1. */
  riskAssessment: RiskAssessment | null;
}

/** Asks to give money back. */
export interface RefundRequest {
  /** Names this refund (AIP-155). */
  requestId: string;
  paymentId: string;
  /** In the payment's currency; absent: all that was not given back yet. */
  amount: Money | null;
  /** For people. */
  reason: string;
}

/** The payment as it is now. */
export interface RefundResponse {
  payment: Payment | null;
  /** Version of the service that answered, `v1` or `v2`. */
  version: string;
}

/** Asks for a payment. */
export interface GetPaymentRequest {
  paymentId: string;
}

/** The payment. */
export interface GetPaymentResponse {
  payment: Payment | null;
  /** Version of the service that answered, `v1` or `v2`. */
  version: string;
  /** Absent from v1, and of payments that v1 charged. */
  riskAssessment: RiskAssessment | null;
}
