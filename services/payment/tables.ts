// Kysely table interface of the payment database, see migrations/.
// Amounts are in the currency's minor unit.
import type { JSONColumnType, Selectable } from 'kysely';
import type { PaymentStatus, RiskAssessment } from '#proto/fairlead/payment/v1/payment.ts';

export interface PaymentTables {
  payments: PaymentsTable;
}

export interface PaymentsTable {
  payment_id: string;
  order_id: string;
  user_id: string;
  status: PaymentStatus;
  currency: string;
  amount: number;
  refunded: number;
  decline_reason: string;
  charged_by_version: string;
  risk: JSONColumnType<RiskAssessment | null, string | null, string | null>;
  sequence: number;
  created_at: Date;
  updated_at: Date;
}

export type PaymentRow = Selectable<PaymentsTable>;
