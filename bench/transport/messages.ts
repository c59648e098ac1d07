// The messages of every peer: the same proto-loader codecs, the same small reply of about 140 octets.
// Codecs are proto-loader's on purpose, because the goal is set against bare grpc-js with them.
import { fileURLToPath } from 'node:url';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

export interface GetRequest {
  id: string;
  count: number;
  payload: Uint8Array;
}

export interface GetResponse {
  id: string;
  name: string;
  description: string;
  priceUnits: number;
  priceNanos: number;
  currency: string;
  stock: number;
  tags: string[];
  payload: Uint8Array;
}

const loaded = loadSync(fileURLToPath(new URL('bench.proto', import.meta.url)), { longs: Number });

/** The service definition, as grpc-js takes it. */
export const BenchService = loaded['bench.v1.BenchService'] as unknown as Record<
  'Get' | 'List' | 'Chat',
  MethodDefinition<GetRequest, GetResponse>
>;

export const request = (payload = 0, count = 1): GetRequest => ({
  id: '0198f3c2-7d1e-7a55-9b3c-52f0a4c1d2e3',
  count,
  payload: new Uint8Array(payload),
});

export const response = (id: string, payload: Uint8Array): GetResponse => ({
  id,
  name: 'Enamel mug',
  description: 'A mug of enamelled steel, 350 ml, white',
  priceUnits: 12,
  priceNanos: 990_000_000,
  currency: 'EUR',
  stock: 41,
  tags: ['kitchen', 'outdoor'],
  payload,
});
