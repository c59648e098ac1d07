// Tables of the user service, as Kysely sees them; migrations/ makes them.
// Secrets are never in here: passwords, refresh tokens and API keys are stored as hashes.
import type { Generated, JSONColumnType } from 'kysely';
import type { Address } from '#proto/fairlead/type/v1/address.ts';

/** An account. */
export interface UsersTable {
  user_id: string;
  email: string;
  password_hash: string;
  display_name: string;
  locale: string;
  shipping_address: JSONColumnType<Address | null, string | null | undefined, string | null>;
  create_time: Date;
  update_time: Date;
  /** Grows with every change: makes the etag, and numbers the events. */
  revision: number;
}

/** One login; all refresh tokens that descend from it belong to it. */
export interface LoginsTable {
  login_id: string;
  user_id: string;
  create_time: Date;
  revoke_time: Generated<Date | null>;
}

/** A refresh token, used at most once. */
export interface RefreshTokensTable {
  token_hash: Buffer;
  login_id: string;
  expire_time: Date;
  use_time: Generated<Date | null>;
}

/** An API key. */
export interface ApiKeysTable {
  api_key_id: string;
  user_id: string;
  display_name: string;
  prefix: string;
  secret_hash: Buffer;
  create_time: Date;
  expire_time: Date | null;
  last_use_time: Generated<Date | null>;
  revoke_time: Generated<Date | null>;
}

/** The signing key that was made because none was configured; one row at most. */
export interface SigningKeysTable {
  /** PKCS #8 in PEM. */
  private_key: string;
  create_time: Date;
}

export interface UserTables {
  users: UsersTable;
  logins: LoginsTable;
  refresh_tokens: RefreshTokensTable;
  api_keys: ApiKeysTable;
  signing_keys: SigningKeysTable;
}
