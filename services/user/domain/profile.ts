// What users may change of their accounts.
import type { User } from '#proto/fairlead/user/v1/user.ts';

/** The part of an account that its user may change. */
export type Profile = Pick<User, 'displayName' | 'locale' | 'shippingAddress'>;

/** Only that of an account, or of a request. */
export function profileOf({ displayName, locale, shippingAddress }: Profile): Profile {
  return { displayName, locale, shippingAddress };
}
