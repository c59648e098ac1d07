// One id for one request at the edge, through every service that it crosses: `x-request-id`.
// A caller's own id is kept only when it is well formed, because it ends up in logs and in answers.
import { v7 } from 'uuid';
import type { HeaderBag } from '../telemetry/header-bag.ts';
import { octets, takeOctets } from './random-octets.ts';

const wellFormed = /^[A-Za-z0-9._:-]{1,128}$/;
const random = new Uint8Array(16);

function newRequestId(): string {
  const start = takeOctets(random.length);
  for (let index = 0; index < random.length; index++) random[index] = octets[start + index] ?? 0;
  return v7({ random });
}

/** The call's request id; a new UUIDv7, also written back to the headers, where there is none that is well formed. */
export function requestId(headers: HeaderBag): string {
  const given = headers.get('x-request-id');
  if (given !== undefined && wellFormed.test(given)) return given;
  const id = newRequestId();
  headers.set('x-request-id', id);
  return id;
}
