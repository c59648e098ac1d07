// A run of fields that repeats call after call (method, path, content type): encoded once a connection, then copied.
// Templates are made once (per method, per server) and compared by identity, never built per call.

export class HeaderTemplate {
  /** Names and values in turn. Names in lower case. */
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    this.fields = fields;
  }
}
