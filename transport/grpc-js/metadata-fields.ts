// Between grpc-js's Metadata and header lists. Fields that belong to HTTP/2 or to gRPC itself are not metadata.
import { Metadata } from '@grpc/grpc-js';
import { decodeBinary, encodeBinary } from '../grpc/binary-metadata.ts';
import type { HeaderList } from '../hpack/decoder.ts';

const RESERVED: ReadonlySet<string> = new Set(['content-type', 'te', 'user-agent', 'grpc-timeout', 'grpc-encoding']);

/** What grpc-js would show of a received list: custom metadata, `user-agent` among it. */
export function toMetadata(headers: HeaderList): Metadata {
  const metadata = new Metadata();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    if (name.startsWith(':') || (RESERVED.has(name) && name !== 'user-agent')) continue;
    if (name === 'grpc-status' || name === 'grpc-message' || name === 'grpc-accept-encoding') continue;
    if (name.endsWith('-bin')) for (const octets of decodeBinary(value)) metadata.add(name, octets);
    else metadata.add(name, value);
  }
  return metadata;
}

/** A list to send; reserved names are left out, as grpc-js does. */
export function fromMetadata(metadata: Metadata | null | undefined): string[] {
  const fields: string[] = [];
  if (metadata === null || metadata === undefined) return fields;
  for (const name of Object.keys(metadata.getMap())) {
    if (RESERVED.has(name)) continue;
    for (const value of metadata.get(name)) {
      fields.push(name, typeof value === 'string' ? value : encodeBinary(value));
    }
  }
  return fields;
}
