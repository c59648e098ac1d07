// grpc-message: UTF-8, with everything but printable ASCII, and the percent sign, as %XX (PROTOCOL-HTTP2.md).
// Decoding never fails: what is no valid escape stays as it is.

const PLAIN = /^[ -$&-~]*$/;

/** Encodes text for the grpc-message field. */
export function percentEncode(text: string): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  for (const octet of Buffer.from(text, 'utf8')) {
    out +=
      octet >= 0x20 && octet <= 0x7e && octet !== 0x25
        ? String.fromCharCode(octet)
        : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** Decodes a grpc-message field; octets that are no UTF-8 become U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  const out = Buffer.alloc(Buffer.byteLength(text, 'utf8'));
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const pair = text.charCodeAt(i) === 0x25 ? text.slice(i + 1, i + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(pair)) {
      out[length++] = Number.parseInt(pair, 16);
      i += 2;
    } else {
      length += out.write(text.charAt(i), length, 'utf8');
    }
  }
  return out.toString('utf8', 0, length);
}
