// What happened, in plain numbers that only grow (but for the two gauges): one object a server or client.
// Every limit has its counter, so that a refusal is never silent.

export class Counters {
  /** Gauge: connections open now. */
  connections = 0;
  /** Gauge: streams open now. */
  streams = 0;
  connectionsOpened = 0;
  streamsOpened = 0;
  streamsCompleted = 0;
  streamsResetByPeer = 0;
  streamsResetByUs = 0;
  messagesReceived = 0;
  messagesSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  goawaysReceived = 0;
  goawaysSent = 0;
  /** Limit `maxConcurrentStreams`. */
  refusedStreams = 0;
  /** Limit `maxHeaderListSize`. */
  headerListsTooLarge = 0;
  /** Limits `maxHeaderBlockSize` and `maxContinuations`. */
  headerBlocksTooLarge = 0;
  /** Limits `controlBurst` and `controlRate`. */
  controlFloods = 0;
  /** Limits `resetBurst` and `resetRate`. */
  resetFloods = 0;
  /** Limit `settingsTimeout`. */
  settingsTimeouts = 0;
  /** Limit `frameTimeout`. */
  frameTimeouts = 0;
  /** Limit `messageTimeout`. */
  messageTimeouts = 0;
  /** Limit `sendTimeout`. */
  sendTimeouts = 0;
  /** Limit `keepaliveTimeout`. */
  keepaliveTimeouts = 0;
  /** Limit `socketBuffer`, when control frames alone go over it. */
  outputFloods = 0;
  /** Limit `sessionMemory`. */
  sessionMemoryExceeded = 0;
  /** Limit on the size of a message, plain or decompressed. */
  messagesTooLarge = 0;
  /** Connections refused over `maxConnections`. */
  refusedConnections = 0;
  /** Connections closed because of the peer's protocol errors. */
  protocolErrors = 0;
  /** Deadlines that passed. */
  deadlinesExceeded = 0;
  /** Handlers that threw. */
  handlerErrors = 0;
  /** Connections drained for their age. */
  agedConnections = 0;
  /** Connections closed for idleness. */
  idleConnections = 0;
}
