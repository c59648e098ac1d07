// Generated from proto/ by `npm run generate`. Do not edit.

/** Where a parcel goes. */
export interface Address {
  /** Name of the person or company. */
  recipient: string;
  /** Street, house number, floor; as written on the label, first line first. */
  lines: string[];
  /** Town. */
  city: string;
  /** State, province or county, where the country uses one. */
  region: string;
  /** May be empty: some countries have none. */
  postalCode: string;
  /** ISO 3166-1 alpha-2 in capitals, such as `DE`. */
  countryCode: string;
}
