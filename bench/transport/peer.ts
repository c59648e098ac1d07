// What a contender implements: a server, and a client with the three kinds of call that are measured.
// A client's methods resolve when the call is over and reject when it failed; the load loop is shared.

export interface BenchServer {
  /** Starts; resolves with the port. */
  listen(tls: { cert: string; key: string } | undefined): Promise<number>;
}

export interface BenchClient {
  /** One unary call with `payload` octets each way beside the fields. */
  unary(payload: number): Promise<void>;
  /** One server stream of `count` messages. */
  list?(count: number): Promise<void>;
  /** One bidirectional stream: `count` times send one, wait for its answer. */
  chat?(count: number): Promise<void>;
}

export interface Peer {
  server(): BenchServer;
  client(port: number, ca: string | undefined): BenchClient;
}
