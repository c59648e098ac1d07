// JSON columns: read as values, written as JSON text. The driver alone would write a list as a PostgreSQL array, so the
// generated table types take text that `json` made, and nothing else.
import type { ColumnType } from 'kysely';

declare const value: unique symbol;

/** JSON text of a value of this type. */
export type Json<T> = string & { readonly [value]: T };

/** Type of a `jsonb` column; `Null` is `null` where the column may be null. */
export type JsonColumn<T, Null extends null = never> = ColumnType<
  T | Null,
  Json<T> | Null | (Null extends null ? undefined : never),
  Json<T> | Null
>;

/** A value for a JSON column. Null is JSON's null, which is not the column's. */
export function json<T>(content: T): Json<T> {
  return JSON.stringify(content) as Json<T>;
}
