// Generated from proto/ by `npm run generate`. Do not edit.
import type { Money } from '../../type/v1/money.ts';

/** One charge of one order. */
export interface Payment {
  /** UUIDv7. */
  paymentId: string;
  /** UUIDv7. */
  orderId: string;
  /** UUIDv7. */
  userId: string;
  status: PaymentStatus;
  /** What was asked for. */
  amount: Money | null;
  /** What was given back so far; absent: nothing. */
  refundedAmount: Money | null;
  /** Upper snake case, such as `CARD_DECLINED` or `RISK_TOO_HIGH`; empty unless declined. */
  declineReason: string;
  /** When it was charged. */
  createTime: Date | null;
  /** When anything above last changed. */
  updateTime: Date | null;
  /** Version of the payment service that charged it, `v1` or `v2`. */
  chargedByVersion: string;
}

/** How a payment stands. */
export type PaymentStatus =
  | 'PAYMENT_STATUS_UNSPECIFIED'
  | 'PAYMENT_STATUS_CHARGED'
  | 'PAYMENT_STATUS_DECLINED'
  | 'PAYMENT_STATUS_PARTIALLY_REFUNDED'
  | 'PAYMENT_STATUS_REFUNDED';

/** How likely a charge is fraud. Only version 2 of the payment service makes one. */
export interface RiskAssessment {
  /** 0: no risk, 100: certain fraud. */
  score: number;
  level: RiskLevel;
  /** What raised the score, in upper snake case, such as `LARGE_AMOUNT`. */
  signals: string[];
}

/** The risk score in three steps. */
export type RiskLevel =
  | 'RISK_LEVEL_UNSPECIFIED'
  | 'RISK_LEVEL_LOW'
  | 'RISK_LEVEL_MEDIUM'
  | 'RISK_LEVEL_HIGH';
