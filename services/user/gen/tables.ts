// Generated from services/user/migrations by `npm run generate`. Do not edit.
import type { Generated, Selectable } from 'kysely';
import type { JsonColumn } from '#kit/database/json-column.ts';
import type { Address } from '#proto/fairlead/type/v1/address.ts';

/** The tables of the user service, for Kysely. */
export interface UserTables {
  apiKeys: ApiKeysTable;
  logins: LoginsTable;
  refreshTokens: RefreshTokensTable;
  signingKeys: SigningKeysTable;
  users: UsersTable;
}

export interface ApiKeysTable {
  apiKeyId: string;
  userId: string;
  displayName: string;
  prefix: string;
  secretHash: Buffer;
  createTime: Date;
  expireTime: Date | null;
  lastUseTime: Date | null;
  revokeTime: Date | null;
}

export type ApiKeysRow = Selectable<ApiKeysTable>;

export interface LoginsTable {
  loginId: string;
  userId: string;
  createTime: Date;
  revokeTime: Date | null;
}

export type LoginsRow = Selectable<LoginsTable>;

export interface RefreshTokensTable {
  tokenHash: Buffer;
  loginId: string;
  expireTime: Date;
  useTime: Date | null;
}

export type RefreshTokensRow = Selectable<RefreshTokensTable>;

export interface SigningKeysTable {
  one: Generated<boolean>;
  privateKey: string;
  createTime: Date;
}

export type SigningKeysRow = Selectable<SigningKeysTable>;

export interface UsersTable {
  userId: string;
  email: string;
  passwordHash: string;
  displayName: string;
  locale: string;
  shippingAddress: JsonColumn<Address, null>;
  createTime: Date;
  updateTime: Date;
  revision: number;
}

export type UsersRow = Selectable<UsersTable>;
