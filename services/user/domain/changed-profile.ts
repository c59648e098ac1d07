// Which fields an update sets (AIP-134): those of the mask, or without a mask those that have a value.
// A field that the mask names and the request leaves out is cleared.
import type { User } from '#proto/fairlead/user/v1/user.ts';

/** What a user may change of the account. */
export type Profile = Pick<User, 'displayName' | 'locale' | 'shippingAddress'>;

const empty: Profile = { displayName: '', locale: '', shippingAddress: null };

/** The profile after the update. */
export function changedProfile(present: Profile, given: Profile | null, paths: readonly string[]): Profile {
  const { displayName, locale, shippingAddress } = given ?? empty;
  const named = (path: string, hasValue: boolean): boolean => (paths.length === 0 ? hasValue : paths.includes(path));
  return {
    displayName: named('display_name', displayName !== '') ? displayName : present.displayName,
    locale: named('locale', locale !== '') ? locale : present.locale,
    shippingAddress: named('shipping_address', shippingAddress !== null) ? shippingAddress : present.shippingAddress,
  };
}
