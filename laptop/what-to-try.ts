// Commands that work on a platform that has just started, in an order that makes sense.

/** A few lines for the terminal. */
export function whatToTry(gateway: string, services: ReadonlySet<string>): string {
  if (!services.has('gateway')) return 'The gateway was not started; see the addresses above.';
  const json = "-H 'content-type: application/json'";
  const lines = [`open ${gateway}/docs`, `curl -s '${gateway}/api/v2/products?page_size=3'`];
  if (services.has('user')) {
    const account = `{"email":"ada@example.com","password":"correct horse battery"`;
    lines.push(
      `curl -s ${gateway}/api/v2/users:register ${json} -d '${account},"display_name":"Ada"}'`,
      `curl -s ${gateway}/api/v2/users:login ${json} -d '${account}}'`,
    );
  }
  lines.push(`curl -s ${gateway}/api/v2/health/grpc`);
  return `Try:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
