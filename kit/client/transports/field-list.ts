// Metadata of an outgoing call as a flat list, until the transport takes it.
import type { OutgoingHeaders } from '../client-transport.ts';

/** Text metadata, and binary metadata in base64. */
export class FieldList implements OutgoingHeaders {
  /** Names and values in turn, as the transport takes them; they are few, so that looking through them is cheapest. */
  readonly list: string[] = [];

  get(name: string): string | undefined {
    const index = this.#find(name);
    return index < 0 ? undefined : this.list[index];
  }

  set(name: string, value: string): void {
    const index = this.#find(name);
    if (index < 0) this.list.push(name, value);
    else this.list[index] = value;
  }

  add(name: string, value: string): void {
    this.list.push(name, value);
  }

  /** Where the name's first value is, or -1. */
  #find(name: string): number {
    const { list } = this;
    for (let index = 0; index < list.length; index += 2) if (list[index] === name) return index + 1;
    return -1;
  }
}
