// The messages of connectrpc's conformance suite, loaded from the module's own .proto files, and the framing of its pipes.
// Any values stay as octets with their type URL, which is all that a program under test has to do with them.
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { goModule } from '../tools.ts';

export interface Field {
  name: string;
  value: string[];
}

export interface AnyValue {
  type_url: string;
  value: Uint8Array;
}

export interface ErrorValue {
  code: number;
  message?: string;
  details?: AnyValue[];
}

export interface ResponseDefinition {
  responseHeaders?: Field[];
  responseTrailers?: Field[];
  responseData?: Uint8Array;
  responseDelayMs?: number;
  error?: ErrorValue;
}

export interface StreamDefinition extends Omit<ResponseDefinition, 'responseData'> {
  responseData?: Uint8Array[];
}

const folder = goModule('connectrpc.com/conformance', 'v1.0.6');
const root = new protobuf.Root();
if (folder !== undefined) {
  const builtIn = root.resolvePath.bind(root);
  root.resolvePath = (origin, target) =>
    target.startsWith('connectrpc/') ? join(folder, 'proto', target) : builtIn(origin, target);
  root.loadSync(
    ['config', 'service', 'server_compat', 'client_compat'].map((name) => `connectrpc/conformance/v1/${name}.proto`),
  );
}
const status = new protobuf.Type('Status')
  .add(new protobuf.Field('code', 1, 'int32'))
  .add(new protobuf.Field('message', 2, 'string'))
  .add(new protobuf.Field('details', 3, 'google.protobuf.Any', 'repeated'));
root.add(new protobuf.Namespace('local').add(status));

/** Whether the module is there. */
export const available = folder !== undefined;

const type = (name: string): protobuf.Type =>
  name === 'Status' ? status : root.lookupType(`connectrpc.conformance.v1.${name}`);

export function decode<T>(name: string, octets: Uint8Array): T {
  const found = type(name);
  return found.toObject(found.decode(octets), { longs: Number, oneofs: true, arrays: true }) as T;
}

export function encode(name: string, value: object): Buffer {
  const found = type(name);
  const octets = found.encode(found.fromObject(value)).finish();
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length);
}

export function any(name: string, octets: Uint8Array): AnyValue {
  return { type_url: `type.googleapis.com/connectrpc.conformance.v1.${name}`, value: octets };
}

/** Fields of a list, grouped by name, without pseudo-header fields. */
export function grouped(headers: readonly string[]): Field[] {
  const fields = new Map<string, string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.startsWith(':')) continue;
    const values = fields.get(name) ?? [];
    values.push(headers[i + 1] ?? '');
    fields.set(name, values);
  }
  return [...fields].map(([name, value]) => ({ name, value }));
}

/** A list from such fields. */
export function flat(fields: readonly Field[] | undefined): string[] {
  return (fields ?? []).flatMap(({ name, value }) => value.flatMap((text) => [name.toLowerCase(), text]));
}

/** Reads size-delimited messages from stdin until it ends. */
export async function* readMessages(): AsyncGenerator<Buffer> {
  let pending = Buffer.alloc(0);
  for await (const part of process.stdin) {
    pending = Buffer.concat([pending, part as Buffer]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const end = 4 + pending.readUInt32BE(0);
      yield pending.subarray(4, end);
      pending = pending.subarray(end);
    }
  }
}

export function writeMessage(octets: Uint8Array): void {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(octets.length);
  process.stdout.write(Buffer.concat([size, octets]));
}
