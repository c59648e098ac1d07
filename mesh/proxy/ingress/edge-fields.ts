// What an edge writes into a request of the outside, and what it does not believe. As Envoy does it in Istio's ingress
// gateway: the client's address ends X-Forwarded-For, whatever the client wrote before it, so a service that trusts one
// proxy finds the true one; what only the mesh may say is dropped, a request id among it: no address is an internal one, which
// is Envoy's default since 1.33.
// Source: Envoy conn_manager_utility.cc mutateRequestHeaders with use_remote_address and no trusted hops.

import { randomUUID } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { isUpgradeField } from '../http1/upgrade-fields.ts';
import { CLIENT_CERT } from '../sidecar/inbound-plan.ts';

const FORWARDED_FOR = 'x-forwarded-for';
const FORWARDED_PROTO = 'x-forwarded-proto';
const EXTERNAL_ADDRESS = 'x-envoy-external-address';
const REQUEST_ID = 'x-request-id';

/**
 * @param headers - [name, value, ...] with pseudo-fields first, as the client sent them.
 * @param address - the client's, as its socket says.
 */
export function edgeFields(headers: readonly string[], address: string): string[] {
  const from = plainAddress(address);
  const out: string[] = [];
  let forwarded: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (name === FORWARDED_FOR) forwarded = forwarded === undefined ? value : `${forwarded},${value}`;
    else if (!isDropped(name)) out.push(name, value);
  }
  out.push(FORWARDED_FOR, forwarded === undefined ? from : `${forwarded},${from}`);
  out.push(FORWARDED_PROTO, 'http', EXTERNAL_ADDRESS, from, REQUEST_ID, randomUUID());
  return out;
}

/** Fields that say what only a proxy of the mesh can know, or that would steer one. */
function isDropped(name: string): boolean {
  return (
    name === CLIENT_CERT ||
    name === FORWARDED_PROTO ||
    name === REQUEST_ID ||
    name.startsWith('x-envoy-') ||
    isUpgradeField(name)
  );
}

/** An IPv4 address on a socket of both families is still that address. */
export function plainAddress(address: string): string {
  const mapped = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return isIPv4(mapped) ? mapped : address;
}
