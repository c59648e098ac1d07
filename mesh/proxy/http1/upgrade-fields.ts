// How a WebSocket crosses the mesh, whose hops are HTTP/2: as a GET whose body and answer stay open, with the asked and the
// taken protocol in fields of the mesh's own. Rules and policies see the GET that they would see in a cluster, where Envoy
// keeps HTTP/1.1 to a service with `appProtocol: http`; RFC 8441's CONNECT would be another method to them.

import { type HeaderList, headerValue } from '#transport';

const ASKED = 'x-mesh-upgrade';
const TAKEN = 'x-mesh-upgraded';

/** Envoy's connection manager, as Istio sets it up, lets through this one and no other. */
export const WEB_SOCKET = 'websocket';

/** HTTP/2 without TLS may be asked for and is not taken: the request is served as it is, which RFC 9110, 7.8 allows. */
const H2C = 'h2c';

/** Envoy refuses a request that asks for any other protocol. */
export const isUpgradeTaken = (protocol: string): boolean => [WEB_SOCKET, H2C].includes(protocol.trim().toLowerCase());

export const asksForUpgrade = (headers: HeaderList): boolean => headerValue(headers, ASKED) === WEB_SOCKET;
export const tookUpgrade = (headers: HeaderList): boolean => headerValue(headers, TAKEN) === WEB_SOCKET;

export const ASK_FOR_UPGRADE: readonly string[] = [ASKED, WEB_SOCKET];
export const TOOK_UPGRADE: readonly string[] = [TAKEN, WEB_SOCKET];

/** Only the mesh's own ends of HTTP/1.1 write these fields; from anyone else they are dropped. */
export const isUpgradeField = (name: string): boolean => name === ASKED || name === TAKEN;

export function withoutUpgradeFields(fields: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < fields.length; i += 2)
    if (!isUpgradeField(fields[i] ?? '')) out.push(fields[i] ?? '', fields[i + 1] ?? '');
  return out;
}
