// ErrorDetails as `google.rpc.Status` in `grpc-status-details-bin`, both ways, with the messages of google/rpc/error_details.proto.
// Written by hand on the codec's reader and writer: an error must not depend on which contracts are loaded.
import { DecodeError, Reader } from '../contract/codec/reader.ts';
import { Writer } from '../contract/codec/writer.ts';
import { type Code, codes, type ErrorDetails, type FieldViolation, type PreconditionViolation } from './rpc-error.ts';

/** Details beyond this many violations are cut: trailers share the peer's metadata limit (8 KiB). */
const maxViolations = 32;
/** Longest text of one detail, in UTF-16 units. */
const maxText = 1024;

const prefix = 'type.googleapis.com/google.rpc.';
const writer = new Writer();

type Write = (writer: Writer) => void;

function text(field: number, value: string | undefined): void {
  if (value === undefined || value === '') return;
  writer.uint32((field << 3) | 2);
  writer.string(value.length > maxText ? `${value.slice(0, maxText)}…` : value);
}

function part(field: number, write: Write): void {
  writer.uint32((field << 3) | 2);
  const start = writer.open();
  write(writer);
  writer.close(start);
}

function detail(type: string, write: Write): void {
  part(3, () => {
    text(1, prefix + type);
    part(2, write);
  });
}

function writeDetails(details: ErrorDetails): void {
  const { reason, metadata = {}, fieldViolations = [], preconditionViolations = [] } = details;
  const { resource, retryDelayMs, requestId } = details;
  if (reason !== undefined) {
    detail('ErrorInfo', () => {
      text(1, reason);
      text(2, details.domain ?? 'fairlead');
      for (const [key, value] of Object.entries(metadata)) {
        part(3, () => {
          text(1, key);
          text(2, value);
        });
      }
    });
  }
  if (fieldViolations.length > 0) {
    detail('BadRequest', () => {
      for (const violation of fieldViolations.slice(0, maxViolations)) {
        part(1, () => {
          text(1, violation.field);
          text(2, violation.description);
          text(3, violation.reason);
        });
      }
    });
  }
  if (preconditionViolations.length > 0) {
    detail('PreconditionFailure', () => {
      for (const violation of preconditionViolations.slice(0, maxViolations)) {
        part(1, () => {
          text(1, violation.type);
          text(2, violation.subject);
          text(3, violation.description);
        });
      }
    });
  }
  if (resource !== undefined) {
    detail('ResourceInfo', () => {
      text(1, resource.type);
      text(2, resource.name);
      text(4, resource.description);
    });
  }
  if (retryDelayMs !== undefined) {
    detail('RetryInfo', () => {
      part(1, () => {
        writer.uint32(8);
        writer.int64(Math.floor(retryDelayMs / 1000));
        writer.uint32(16);
        writer.int32(Math.round((retryDelayMs % 1000) * 1e6));
      });
    });
  }
  if (requestId !== undefined) detail('RequestInfo', () => text(1, requestId));
}

/** Serialized `google.rpc.Status`. */
export function encodeStatus(code: Code, message: string, details: ErrorDetails): Buffer {
  writer.uint32(8);
  writer.int32(codes[code]);
  text(2, message);
  writeDetails(details);
  return writer.finish(0);
}

type Fields = Map<number, (string | number | Buffer)[]>;

/** Splits a message into its fields without knowing its type. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new Reader(bytes);
  const fields: Fields = new Map();
  while (reader.position < reader.end) {
    const tag = reader.uint32();
    const wire = tag & 7;
    const values = fields.get(tag >>> 3) ?? [];
    if (wire === 2) values.push(reader.data());
    else if (wire === 0) values.push(reader.int64());
    else {
      reader.skip(tag);
      continue;
    }
    fields.set(tag >>> 3, values);
  }
  return fields;
}

function bytesOf(fields: Fields, field: number): Buffer[] {
  return (fields.get(field) ?? []).filter((value): value is Buffer => Buffer.isBuffer(value));
}

function textOf(fields: Fields, field: number): string {
  return bytesOf(fields, field).at(-1)?.toString('utf8') ?? '';
}

function numberOf(fields: Fields, field: number): number {
  const value = fields.get(field)?.at(-1);
  return typeof value === 'number' ? value : 0;
}

function fieldViolation(bytes: Buffer): FieldViolation {
  const fields = fieldsOf(bytes);
  const reason = textOf(fields, 3);
  return { field: textOf(fields, 1), description: textOf(fields, 2), ...(reason === '' ? {} : { reason }) };
}

function preconditionViolation(bytes: Buffer): PreconditionViolation {
  const fields = fieldsOf(bytes);
  return { type: textOf(fields, 1), subject: textOf(fields, 2), description: textOf(fields, 3) };
}

function readDetail(type: string, fields: Fields): ErrorDetails {
  switch (type) {
    case 'ErrorInfo': {
      const entries = bytesOf(fields, 3).map(fieldsOf);
      const metadata = Object.fromEntries(entries.map((entry) => [textOf(entry, 1), textOf(entry, 2)]));
      return { reason: textOf(fields, 1), domain: textOf(fields, 2), metadata };
    }
    case 'BadRequest':
      return { fieldViolations: bytesOf(fields, 1).map(fieldViolation) };
    case 'PreconditionFailure':
      return { preconditionViolations: bytesOf(fields, 1).map(preconditionViolation) };
    case 'ResourceInfo': {
      const description = textOf(fields, 4);
      const named = { type: textOf(fields, 1), name: textOf(fields, 2) };
      return { resource: description === '' ? named : { ...named, description } };
    }
    case 'RetryInfo': {
      const delay = fieldsOf(bytesOf(fields, 1).at(-1) ?? Buffer.alloc(0));
      return { retryDelayMs: numberOf(delay, 1) * 1000 + numberOf(delay, 2) / 1e6 };
    }
    case 'RequestInfo':
      return { requestId: textOf(fields, 1) };
    default:
      return {};
  }
}

/** Details from a serialized `google.rpc.Status`; kinds that the kit does not know are left out, and so is garbage. */
export function decodeStatusDetails(bytes: Uint8Array): ErrorDetails {
  try {
    const found: ErrorDetails[] = [];
    for (const any of bytesOf(fieldsOf(bytes), 3).map(fieldsOf)) {
      const url = textOf(any, 1);
      if (url.startsWith(prefix)) {
        found.push(readDetail(url.slice(prefix.length), fieldsOf(bytesOf(any, 2).at(-1) ?? Buffer.alloc(0))));
      }
    }
    return Object.assign({}, ...found) as ErrorDetails;
  } catch (error) {
    // A peer's broken details must not hide its status.
    if (error instanceof DecodeError) return {};
    throw error;
  }
}
