// Amounts for people: the currency's own number of digits (ISO 4217), as the runtime's locale data has it.
// Sums are never made with these: they are made in minor units, which are exact.

/** An amount in the currency's minor unit, as `fairlead.type.v1.Money` has it. */
export interface Amount {
  readonly currencyCode: string;
  readonly units: number;
}

function formatOf(currency: string): Intl.NumberFormat {
  return new Intl.NumberFormat('en', { style: 'currency', currency });
}

/** The amount in the currency's major unit: 19.99 for 1999 EUR, 500 for 500 JPY. For comparing, not for sums. */
export function majorUnits({ currencyCode, units }: Amount): number {
  return units / 10 ** (formatOf(currencyCode).resolvedOptions().maximumFractionDigits ?? 2);
}

/** The amount as text: `€19.99`; empty for none. */
export function formatMoney(amount: Amount | null | undefined): string {
  if (amount === null || amount === undefined) return '';
  return formatOf(amount.currencyCode).format(majorUnits(amount));
}
