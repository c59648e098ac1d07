// How likely a charge is fraud, from what is known without asking anybody: its amount and the user's latest charges.
// One signal alone never declines: many orders, or one large order, are what good customers make.
import { majorUnits } from '#kit/money/format-money.ts';
import type { RiskAssessment, RiskLevel } from '#proto/fairlead/payment/v1/payment.ts';
import type { Money } from '#proto/fairlead/type/v1/money.ts';

/** What the user's charges of the last ten minutes came to. */
export interface RecentCharges {
  readonly charged: number;
  readonly declined: number;
}

interface Signal {
  readonly name: string;
  readonly weight: number;
  readonly raised: (major: number, recent: RecentCharges) => boolean;
}

const signals: readonly Signal[] = [
  { name: 'LARGE_AMOUNT', weight: 40, raised: (major) => major >= 2_000 },
  { name: 'VERY_LARGE_AMOUNT', weight: 20, raised: (major) => major >= 20_000 },
  { name: 'MANY_CHARGES', weight: 15, raised: (_, recent) => recent.charged >= 10 },
  { name: 'MANY_DECLINES', weight: 25, raised: (_, recent) => recent.declined >= 3 },
];

const mediumFrom = 35;
const highFrom = 65;

function levelOf(score: number): RiskLevel {
  if (score >= highFrom) return 'RISK_LEVEL_HIGH';
  return score >= mediumFrom ? 'RISK_LEVEL_MEDIUM' : 'RISK_LEVEL_LOW';
}

/** Weighs a charge; at RISK_LEVEL_HIGH it is to be declined. */
export function assessRisk(amount: Money, recent: RecentCharges): RiskAssessment {
  const major = majorUnits(amount);
  const raised = signals.filter((signal) => signal.raised(major, recent));
  const score = Math.min(
    100,
    raised.reduce((sum, signal) => sum + signal.weight, 0),
  );
  return { score, level: levelOf(score), signals: raised.map((signal) => signal.name) };
}
