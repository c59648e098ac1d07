// Mirrored traffic: a copy of a call goes to another cluster and nobody waits for its answer.
// Source: Envoy request_mirror_policies: `-shadow` is put after the host; a copy that grows over the bound is dropped.

import {
  deadlineWheel,
  ErrorCode,
  type HeaderList,
  type Http2Connection,
  type Http2Stream,
  type StreamHandler,
  type Timed,
  type Waiter,
} from '#transport';
import type { Forward } from '../../rules/index.ts';
import { type ProxiedCall, RETRY_BUFFER } from '../call/proxied-call.ts';
import type { RequestHead } from '../call/request-head.ts';
import type { ClusterRuntime } from '../clusters/cluster-runtime.ts';
import type { Pool } from '../clusters/pool.ts';

const OPTIONS = Object.freeze({});
/** A copy that is not answered by then is given up. */
const MIRROR_TIMEOUT_MS = 15_000;

/** Collects the request, and sends the copies when it is complete. */
export function mirrorCall(
  head: RequestHead,
  forward: Forward,
  clusters: readonly ClusterRuntime[],
  endStream: boolean,
): NonNullable<ProxiedCall['tap']> {
  const body: Uint8Array[] = [];
  let octets = 0;
  let dropped = false;
  const send = (trailers: HeaderList | undefined): void => {
    if (dropped) return;
    dropped = true;
    for (const cluster of clusters) new MirrorStream(cluster, shadowHeaders(head, forward), body, trailers).start();
  };
  if (endStream) send(undefined);
  return {
    data(chunk) {
      octets += chunk.length;
      if (octets > RETRY_BUFFER) dropped = true;
      if (dropped) body.length = 0;
      else body.push(Buffer.from(chunk));
    },
    end: send,
    cancel() {
      dropped = true;
      body.length = 0;
    },
  };
}

function shadowHeaders(head: RequestHead, forward: Forward): readonly string[] {
  const out: string[] = [];
  for (let i = 0; i < head.list.length; i += 2) {
    const name = head.list[i] ?? '';
    if (name === ':authority') out.push(name, head.authority.replace(/(?=:[0-9]+$)|$/, '-shadow'));
    else out.push(name, name === ':path' ? forward.path : (head.list[i + 1] ?? ''));
  }
  return out;
}

class MirrorStream implements StreamHandler, Waiter, Timed {
  readonly options = OPTIONS;
  waiting = false;
  dueAt = 0;
  wheelNext: Timed | undefined = undefined;
  wheelPrevious: Timed | undefined = undefined;
  wheelSlot = -1;
  readonly #cluster: ClusterRuntime;
  readonly #headers: readonly string[];
  readonly #body: readonly Uint8Array[];
  readonly #trailers: HeaderList | undefined;
  #pool: Pool | undefined;
  #stream: Http2Stream | undefined;

  constructor(
    cluster: ClusterRuntime,
    headers: readonly string[],
    body: readonly Uint8Array[],
    trailers: HeaderList | undefined,
  ) {
    this.#cluster = cluster;
    this.#headers = headers;
    this.#body = body;
    this.#trailers = trailers;
  }

  start(): void {
    const pool = this.#cluster.pick(undefined, undefined);
    if (pool === undefined || !this.#cluster.circuit.enter()) return;
    this.#pool = pool;
    pool.active++;
    this.dueAt = performance.now() + MIRROR_TIMEOUT_MS;
    deadlineWheel.add(this);
    pool.client.dispatch(this);
  }

  attach(connection: Http2Connection): void {
    const stream = connection.open(this);
    this.#stream = stream;
    const last = this.#trailers === undefined ? this.#body.length - 1 : -1;
    stream.sendHeaders(this.#headers, last === -1 && this.#trailers === undefined);
    this.#body.forEach((chunk, index) => {
      stream.sendData(chunk, index === last);
    });
    if (this.#trailers !== undefined) stream.sendHeaders(this.#trailers, true);
  }

  #end(): void {
    const pool = this.#pool;
    if (pool === undefined) return;
    this.#pool = undefined;
    deadlineWheel.remove(this);
    pool.active--;
    this.#cluster.circuit.leave();
  }

  fail(): void {
    this.#end();
  }

  onDue(): void {
    this.#pool?.client.withdraw(this);
    this.#stream?.reset(ErrorCode.CANCEL);
    this.#end();
  }

  onHeaders(_stream: Http2Stream, _headers: HeaderList, endStream: boolean): void {
    if (endStream) this.#end();
  }

  onData(stream: Http2Stream, _bytes: Buffer, start: number, end: number, endStream: boolean): void {
    stream.consume(end - start);
    if (endStream) this.#end();
  }

  onTrailers(): void {
    this.#end();
  }

  onReset(): void {
    this.#end();
  }

  onDrain(): void {}
  onStalled(): void {}
}
