// A call's metadata as grpc-js sends it. Its own Metadata checks and copies every field several times on the way to HTTP/2, which
// took a tenth of what the client does for a call.
import grpc from '@grpc/grpc-js';

/** What a header may consist of (the gRPC protocol over HTTP/2, "ASCII-Value"). */
const legalValue = /^[ -~]*$/;

/** Belongs to one call, which is why a copy of it is itself. */
export class CallMetadata extends grpc.Metadata {
  readonly #fields: Record<string, string | string[]> = Object.create(null);

  /**
   * @param list names and values in turn, binary values in base64
   * @throws Error for a value that is not printable ASCII
   */
  constructor(list: readonly string[]) {
    super();
    for (let index = 0; index < list.length; index += 2) {
      const name = list[index] ?? '';
      const value = list[index + 1] ?? '';
      if (!legalValue.test(value)) throw new Error(`metadata ${name} has a value that is not printable ASCII`);
      const known = this.#fields[name];
      this.#fields[name] = known === undefined ? value : [known, value].flat();
    }
  }

  override clone(): CallMetadata {
    return this;
  }

  override get(name: string): grpc.MetadataValue[] {
    const value = this.#fields[name];
    return value === undefined ? [] : [value].flat();
  }

  override set(name: string, value: grpc.MetadataValue): void {
    this.#fields[name] = typeof value === 'string' ? value : value.toString('base64');
  }

  override remove(name: string): void {
    if (this.#fields[name] !== undefined) delete this.#fields[name];
  }

  override toHttp2Headers(): Record<string, string | string[]> {
    return this.#fields;
  }
}
