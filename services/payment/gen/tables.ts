// Generated from services/payment/migrations by `npm run generate`. Do not edit.
import type { Generated, Selectable } from 'kysely';
import type { JsonColumn } from '#kit/database/json-column.ts';
import type { PaymentStatus, RiskAssessment } from '#proto/fairlead/payment/v1/payment.ts';

/** The tables of the payment service, for Kysely. */
export interface PaymentTables {
  payments: PaymentsTable;
}

export interface PaymentsTable {
  paymentId: string;
  orderId: string;
  userId: string;
  status: PaymentStatus;
  currency: string;
  amount: number;
  refunded: Generated<number>;
  declineReason: string;
  chargedByVersion: string;
  risk: JsonColumn<RiskAssessment, null>;
  sequence: number;
  createdAt: Date;
  updatedAt: Date;
}

export type PaymentsRow = Selectable<PaymentsTable>;
