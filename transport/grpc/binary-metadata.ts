// Values of metadata whose name ends in -bin travel as base64; gRPC asks senders for the unpadded form and
// receivers for both, and lets several values share one field, separated by commas.

/** A binary value for the wire, unpadded. */
export function encodeBinary(value: Uint8Array): string {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  const padding = text.indexOf('=');
  return padding < 0 ? text : text.slice(0, padding);
}

/** The binary values of one field, in order. */
export function decodeBinary(field: string): Buffer[] {
  return field.split(',').map((part) => Buffer.from(part.trim(), 'base64'));
}
