// Spoilt input to both sides of the transport: no crash, no hang, nothing left behind. Each input is one connection.
// Usage: node test/transport/fuzz/fuzz.ts [--inputs N] [--seed N] [--help]; ten million inputs are a long night's work.
import { Duplex } from 'node:stream';
import { parseArgs } from 'node:util';
import {
  Counters,
  connect,
  createServer,
  DEFAULT_LIMITS,
  deadlineWheel,
  type HeaderList,
  Http2Connection,
  Status,
} from '#transport';
import { HpackDecoder, HpackError } from '#transport/hpack/decoder.ts';
import { noise, Random, spoil } from './random.ts';
import { clientSessions, serverSessions } from './sessions.ts';

const swallow = (): Duplex =>
  new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done();
    },
  });

let thrown: unknown;
const server = createServer({
  onHandlerError: (error) => {
    thrown = error;
  },
});
server.handle('/f.F/One', { requestStream: false, onMessage: (call, message) => call.reply(message) });
server.handle('/f.F/Many', {
  requestStream: false,
  onMessage(call) {
    for (let i = 0; i < 20; i++) call.sendMessage(Buffer.alloc(100));
    call.finish(Status.OK, '', ['x-tail', 'v']);
  },
});
server.handle('/f.F/Chat', {
  requestStream: true,
  onCall: (call) => call.pull(),
  onMessage(call, message) {
    call.sendMessage(message);
    call.pull();
  },
  onEnd: (call) => call.finish(Status.OK),
});
server.raw((stream, headers: HeaderList, endStream) => {
  if (!headers.includes('/f.F/Raw')) return false;
  stream.handler = {
    onHeaders() {},
    onData: (self, bytes, start, end, last) => {
      self.consume(end - start);
      self.sendData(bytes.subarray(start, end), last);
    },
    onTrailers: (self, trailers) => self.sendHeaders(trailers, true),
    onReset() {},
    onDrain() {},
    onStalled() {},
  };
  stream.sendHeaders([':status', '200'], endStream);
  return true;
});

/** Feeds `bytes` in random pieces; whatever they are, this must return. */
function feed(connection: Http2Connection, bytes: Buffer, random: Random): void {
  let position = 0;
  const size = random.below(4) === 0 ? 1 + random.below(20) : bytes.length;
  while (position < bytes.length) {
    connection.receiver.push(bytes.subarray(position, position + size));
    position += size;
  }
}

function check(what: string, counters: Counters, connection: Http2Connection): void {
  connection.destroy(undefined);
  if (thrown !== undefined) throw thrown;
  if (counters.streams !== 0) throw new Error(`${what}: ${counters.streams} streams are left`);
  if (counters.connections !== 0) throw new Error(`${what}: ${counters.connections} connections are left`);
  if (deadlineWheel.size !== 0) throw new Error(`${what}: ${deadlineWheel.size} deadlines are left`);
  if (connection.buffered !== 0) throw new Error(`${what}: ${connection.buffered} octets are left`);
}

function serverInput(random: Random): void {
  const connection = server.serve(swallow());
  if (connection === undefined) throw new Error('the server takes no connection');
  const bytes = random.below(10) === 0 ? noise(random) : spoil(random.pick(clientSessions), random);
  feed(connection, bytes, random);
  check('server', server.counters, connection);
}

function clientInput(random: Random): void {
  const counters = new Counters();
  const connection = new Http2Connection('client', swallow(), DEFAULT_LIMITS, counters, { onRequest() {} });
  let ended = 0;
  const client = connect({ target: 'unix:/nowhere', idleTimeout: 0 });
  const attach = client.dispatch.bind(client);
  client.dispatch = (call) => (call.waiting || connection.retired ? call.fail(14, 'none') : call.attach(connection));
  const handler = {
    onEnd() {
      ended++;
    },
    onMessage: (call: { pull(): void }) => call.pull(),
  };
  client.unary('/f.F/One', Buffer.from('x'), { timeout: 5_000 }, handler);
  client.unary('/f.F/One', Buffer.from('y'), undefined, handler);
  client.serverStream('/f.F/Many', Buffer.from('z'), undefined, handler).pull();
  feed(connection, random.below(10) === 0 ? noise(random) : spoil(random.pick(serverSessions), random), random);
  check('client', counters, connection);
  client.dispatch = attach;
  client.close();
  if (ended !== 3) throw new Error(`client: ${ended} of 3 calls have ended`);
}

function hpackInput(random: Random): void {
  const decoder = new HpackDecoder(4_096, 8_192);
  for (let round = 0; round < 3; round++) {
    const session = random.pick(random.below(2) === 0 ? clientSessions : serverSessions);
    const bytes = spoil([(session.find((part) => part[3] === 1) ?? (session[0] as Buffer)).subarray(9)], random);
    try {
      const headers = decoder.decode(bytes, 0, bytes.length);
      if (decoder.tableSize > 4_096) throw new Error('the table is over its size');
      if (headers.length % 2 !== 0) throw new Error('a name without a value');
    } catch (error) {
      if (error instanceof HpackError) return;
      throw error;
    }
  }
}

/** Runs `inputs` from `seed` on; throws with the seed of the input that failed. */
export async function fuzz(inputs: number, seed: number): Promise<void> {
  for (let i = 0; i < inputs; i++) {
    const random = new Random(seed + i);
    try {
      const kind = (seed + i) % 4;
      if (kind < 2) serverInput(random);
      else if (kind === 2) clientInput(random);
      else hpackInput(random);
    } catch (error) {
      throw new Error(`input ${seed + i} (--seed ${seed + i} --inputs 1, kind ${(seed + i) % 4})`, { cause: error });
    }
    if (i % 256 === 255) await new Promise((resolve) => setImmediate(resolve));
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log('node test/transport/fuzz/fuzz.ts [--inputs N (1000000)] [--seed N (1)]');
    process.exit(0);
  }
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  const begun = performance.now();
  let peak = 0;
  for (let done = 0; done < inputs; done += 100_000) {
    await fuzz(Math.min(100_000, inputs - done), seed + done);
    peak = Math.max(peak, process.memoryUsage().rss);
    const rate = Math.round((Math.min(inputs, done + 100_000) / (performance.now() - begun)) * 1_000);
    console.log(`${Math.min(inputs, done + 100_000)} inputs, ${rate}/s, ${Math.round(peak / 1_048_576)} MiB at most`);
  }
  process.exit(0);
}
