// Kysely table interface of the payment database, see migrations/.
// Amounts are in the currency's minor unit; bigint columns arrive as numbers.
import type { PaymentStatus, RiskLevel } from '#proto/fairlead/payment/v1/payment.ts';

export interface PaymentTables {
  payments: PaymentRow;
}

export interface PaymentRow {
  payment_id: string;
  order_id: string;
  user_id: string;
  status: PaymentStatus;
  currency: string;
  amount: number;
  refunded: number;
  decline_reason: string;
  charged_by_version: string;
  risk_score: number | null;
  risk_level: RiskLevel | null;
  risk_signals: string[] | null;
  sequence: number;
  created_at: Date;
  updated_at: Date;
}
