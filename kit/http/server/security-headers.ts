// Headers on every answer: it is data, not a page, not to be sniffed, framed, cached or referred to.
// The documentation page replaces the content policy with one that lets its own script and style run.

/** Sent with every answer unless the route says otherwise. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
