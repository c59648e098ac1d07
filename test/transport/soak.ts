// Mixed load for as long as it is told: all kinds of call, cancellations, deadlines, slow readers, early ends, drains.
// At the end nothing may be left, and memory must be flat. Usage: node --expose-gc test/transport/soak.ts [--seconds N]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import {
  type CallHandler,
  type ClientCall,
  connect,
  createServer,
  deadlineWheel,
  type MethodHandler,
  Status,
} from '#transport';
import { tally } from '../proof/tally.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log('node --expose-gc test/transport/soak.ts [--seconds N (20; 600 for the record)]');
  process.exit(0);
}
const seconds = Number(values.seconds);

const server = createServer({
  maxConnectionAge: 3_000,
  maxConnectionAgeGrace: 10_000,
  onHandlerError: (e) => console.log(e),
});
server.handle('/s.S/Echo', { requestStream: false, onMessage: (call, message) => call.reply(message) });
server.handle('/s.S/Late', {
  requestStream: false,
  onMessage: (call, message) => void setTimeout(() => call.reply(message), Math.random() * 40),
});
const many: MethodHandler = {
  requestStream: false,
  onMessage(call) {
    call.data = 200;
    many.onDrain?.(call);
  },
  onDrain(call) {
    const message = Buffer.alloc(3_000, 1);
    while ((call.data as number) > 0) {
      call.data = (call.data as number) - 1;
      if (!call.sendMessage(message)) return;
    }
    call.finish(Status.OK);
  },
};
server.handle('/s.S/Many', many);
server.handle('/s.S/Chat', {
  requestStream: true,
  onCall: (call) => call.pull(),
  onMessage(call, message) {
    if (message.length === 13) {
      call.finish(Status.ABORTED, 'thirteen');
      return;
    }
    call.sendMessage(message);
    call.pull();
  },
  onEnd: (call) => call.finish(Status.OK),
});
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
const client = connect({ target: `127.0.0.1:${port}` });
const counts = new Map<string, number>();
let bad = 0;
let running = true;
const random = (bound: number): number => Math.floor(Math.random() * bound);

function note(kind: string, call: ClientCall, allowed: readonly number[]): void {
  const key = `${kind} ${call.code}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (!allowed.includes(call.code)) {
    console.log(`${kind} ended with ${call.code}: ${call.message}`);
    process.exitCode = 1;
    bad++;
  }
}

const run = (
  start: (handler: CallHandler) => ClientCall,
  handler: Omit<CallHandler, 'onEnd'> = {},
): Promise<ClientCall> =>
  new Promise((resolve) => {
    start({ ...handler, onEnd: resolve });
  });

const kinds: (() => Promise<void>)[] = [
  async () => {
    const message = Buffer.alloc(random(5_000), 7);
    const call = await run((handler) => client.unary('/s.S/Echo', message, { timeout: 10_000 }, handler));
    note('echo', call, [0]);
    assert.ok(call.reply?.equals(message));
  },
  async () => {
    const message = Buffer.alloc(random(300_000), 7);
    const call = await run((handler) => client.unary('/s.S/Echo', message, { encoding: 'gzip' }, handler));
    note('large', call, [0]);
  },
  async () => {
    const call = await run((handler) => client.unary('/s.S/Late', Buffer.from('x'), { timeout: random(40) }, handler));
    note('deadline', call, [0, 4]);
  },
  async () => {
    const call = await run((handler) => {
      const started = client.unary('/s.S/Late', Buffer.from('x'), undefined, handler);
      setTimeout(() => started.cancel(), random(30));
      return started;
    });
    note('cancel', call, [0, 1]);
  },
  async () => {
    let got = 0;
    const stop = random(300);
    const call = await run(
      (handler) => {
        const started = client.serverStream('/s.S/Many', Buffer.from('x'), undefined, handler);
        started.pull();
        return started;
      },
      {
        onMessage(self) {
          if (++got === stop) self.cancel();
          else if (got % 50 === 0) setTimeout(() => self.pull(), random(10));
          else self.pull();
        },
      },
    );
    note('stream', call, [0, 1]);
    if (call.code === 0) assert.equal(got, 200);
  },
  async () => {
    let left = random(30);
    const call = await run(
      (handler) => {
        const started = client.bidiStream('/s.S/Chat', { timeout: 10_000 }, handler);
        started.pull();
        started.sendMessage(Buffer.alloc(5));
        return started;
      },
      {
        onMessage(self) {
          self.pull();
          if (--left <= 0) self.halfClose();
          else self.sendMessage(Buffer.alloc(random(20) === 0 ? 13 : 100));
        },
      },
    );
    note('chat', call, [0, 10]);
  },
];

async function worker(): Promise<void> {
  while (running) await kinds[random(kinds.length)]?.();
}

const memory = (): number => {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 104_857.6) / 10;
};
const workers = Array.from({ length: 60 }, worker);
const samples: number[] = [];
for (let second = 0; second < seconds; second += seconds / 10) {
  await new Promise((resolve) => setTimeout(resolve, seconds * 100));
  samples.push(memory());
}
running = false;
await Promise.all(workers);
await new Promise((resolve) => setTimeout(resolve, 500));
console.log(
  [...counts]
    .sort()
    .map(([key, count]) => `${key}: ${count}`)
    .join('\n'),
);
console.log(`heap in MiB over time: ${samples.join(' ')}`);
console.log(`connections opened: ${server.counters.connectionsOpened}, aged: ${server.counters.agedConnections}`);
assert.equal(server.counters.streams, 0);
assert.equal(client.counters.streams, 0);
assert.equal(deadlineWheel.size, 0);
for (const connection of server.connections) assert.equal(connection.buffered, 0);
const [early = 0, late = 0] = [Math.max(...samples.slice(2, 5)), Math.min(...samples.slice(-3))];
assert.ok(late < early * 1.3 + 5, `the heap grew from ${early} to ${late} MiB`);
client.close();
server.close();
console.log(process.exitCode === 1 ? 'FAILED' : 'nothing left, memory flat');
const calls = [...counts.values()].reduce((sum, count) => sum + count, 0);
tally(calls - bad, calls);
