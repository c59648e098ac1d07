// What the edge knows of a request beside its HTTP: who sends it, its record, and the scope of calls made for it.
// The scope ends when the client goes away, and with it every call that was made for the request.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CallScope } from '../../calls/call-scope.ts';
import type { Caller } from '../../context.ts';
import type { Access } from '../../contract/contract.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import type { HeaderBag } from '../../telemetry/header-bag.ts';
import type { HttpRecord } from './http-recorder.ts';

/** What a route says about itself. */
export interface RouteConfig {
  /** Who may ask. @default - anybody, without limits: health and metrics */
  readonly access?: Access;
  /** The answer is a stream without a deadline. @default false */
  readonly stream?: boolean;
  /** The answer is a WebSocket. @default false */
  readonly webSocket?: boolean;
  /** The route only refuses: methods that its path takes, for Allow. @default - it answers */
  readonly allowed?: string;
  /** Template for people and metrics: `/api/v2/orders/{order_id}`. */
  readonly label?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    edge: EdgeRequest;
  }
  interface FastifyContextConfig extends RouteConfig {}
}

/** Longest that a request without a stream may take, in milliseconds. */
export const maxRequestMs = 30_000;

/** One request at the edge. */
export class EdgeRequest {
  readonly headers: HeaderBag;
  readonly record: HttpRecord;
  readonly scope: CallScope;
  /** Address of the client, past the proxies that are trusted. */
  readonly address: string;
  caller: Caller = {};
  /** What the request failed with, for the record. */
  error: unknown;

  constructor(request: FastifyRequest, reply: FastifyReply, headers: HeaderBag, record: HttpRecord) {
    this.headers = headers;
    this.record = record;
    this.address = request.ip;
    this.scope = new CallScope(deadlineOf(headers, request.routeOptions.config), headers, record);
    reply.raw.once('close', () => {
      const { webSocket = false } = request.routeOptions.config;
      if (webSocket && reply.raw.statusCode < 400) {
        record.finish(101, this.error);
        return;
      }
      const whole = reply.raw.writableFinished;
      if (!whole) this.scope.cancel(new RpcError('CANCELLED', 'the client went away'));
      record.finish(whole ? reply.raw.statusCode : 499, this.error);
    });
  }
}

const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds since the epoch. A client may ask for less time than the edge allows, as `grpc-timeout` says it. */
function deadlineOf(headers: HeaderBag, { stream = false }: RouteConfig): number {
  const asked = /^(\d{1,8})([HMSmun])$/.exec(headers.get('grpc-timeout') ?? '');
  const limit = stream ? Number.POSITIVE_INFINITY : maxRequestMs;
  const wanted = asked === null ? limit : Number(asked[1]) * (units[asked[2] ?? ''] ?? 1);
  return Date.now() + Math.min(limit, wanted);
}
