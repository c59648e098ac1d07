// The transport's server under attack, as a process of its own so that its memory can be read.
import { createServer, type MethodHandler, Status } from '#transport';
import { answerLooks } from './siege.ts';

const server = createServer({
  messageTimeout: 1_000,
  frameTimeout: 1_000,
  settingsTimeout: 1_000,
  sendTimeout: 1_500,
  maxReceiveMessage: 4_194_304,
});
server.handle('/a.A/Echo', { requestStream: false, onMessage: (call, message) => call.reply(message) });
server.handle('/a.A/Hold', { requestStream: false, onMessage() {} });
server.handle('/a.A/Sink', { requestStream: true, onCall: (call) => call.pull(), onMessage: (call) => call.pull() });
const endless: MethodHandler = {
  requestStream: false,
  onMessage: (call) => endless.onDrain?.(call),
  onDrain(call) {
    const message = Buffer.alloc(100_000);
    for (let i = 0; i < 1_000; i++) if (!call.sendMessage(message)) return;
    call.finish(Status.OK);
  },
};
server.handle('/a.A/Endless', endless);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ port }));
answerLooks(() => ({ counters: server.counters }));
