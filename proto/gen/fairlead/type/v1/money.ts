// Generated from proto/ by `npm run generate`. Do not edit.

/**
 * An amount of money, zero or more. What has to be paid back is said by the field's meaning, not
 * by a sign.
 */
export interface Money {
  /** ISO 4217 in capitals, such as `EUR`. */
  currencyCode: string;
  /**
   * In the currency's minor unit: 1999 with `EUR` is 19.99 euros, 500 with `JPY` is 500 yen.
   * Unlike google.type.Money there is no separate fraction.
   */
  units: number;
}
