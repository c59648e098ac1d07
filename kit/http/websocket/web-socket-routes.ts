// Bridges WebSockets to bidirectional methods: a text frame is the JSON of a message, both ways.
// Frames wait for the call and responses wait for the socket, so that a slow side holds the other one back.
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { CallScope } from '../../calls/call-scope.ts';
import type { ContractMethod } from '../../contract/contract.ts';
import { JsonError } from '../../contract/json/message-json.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import { errorResponse } from '../server/error-body.ts';
import { invalid } from '../transcode/request-message.ts';
import type { AnyClients } from '../transcode/transcode-routes.ts';
import { closeCode, closeReason } from './close-code.ts';
import { FrameQueue } from './frame-queue.ts';
import { chooseSubprotocol } from './web-socket-token.ts';

/** One path that is bridged. */
export interface WebSocketBinding {
  readonly path: string;
  /** Key of the called service in the manifest's calls. */
  readonly service: string;
  /** A bidirectional method. */
  readonly method: ContractMethod;
}

/** Largest frame, in bytes. */
const maxFrameBytes = 64 * 1024;
const heartbeatMs = 30_000;
/** Reason of the error that ends streams when the edge drains. */
export const drainingReason = 'EDGE_DRAINING';

/** Adds a route for each binding. */
export async function addWebSockets(
  app: FastifyInstance,
  bindings: readonly WebSocketBinding[],
  clients: (scope: CallScope) => AnyClients,
): Promise<void> {
  if (bindings.length === 0) return;
  await app.register(websocket, {
    options: { maxPayload: maxFrameBytes, handleProtocols: chooseSubprotocol, perMessageDeflate: false },
    errorHandler: (_error, socket) => socket.terminate(),
    preClose: (done) => done(),
  });
  for (const { path, service, method } of bindings) {
    app.route({
      method: 'GET',
      url: path,
      websocket: true,
      config: { access: method.access, stream: true, webSocket: true, label: path },
      handler: (socket, request) => {
        const client = clients(request.edge.scope)[service];
        const call = client?.[method.handlerName];
        if (client === undefined || call === undefined) throw new Error(`there is no client for ${method.path}`);
        void bridge(socket, request, method, (requests) => call.call(client, requests) as AsyncIterable<object>);
      },
    });
  }
}

async function bridge(
  socket: WebSocket,
  request: FastifyRequest,
  method: ContractMethod,
  call: (requests: AsyncIterable<object>) => AsyncIterable<object>,
): Promise<void> {
  const { edge } = request;
  const frames = new FrameQueue(socket, (text) => parseFrame(method, text));
  const stopHeartbeat = heartbeat(socket);
  socket.on('error', () => socket.terminate());
  socket.on('close', () => edge.scope.cancel(new RpcError('CANCELLED', 'the client went away')));
  try {
    for await (const response of call(frames)) await send(socket, JSON.stringify(method.response.toJson(response)));
    socket.close(1000);
  } catch (thrown) {
    const { error, body } = errorResponse(thrown, edge.record.requestId);
    edge.error = thrown;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(body));
    const code = error.details.reason === drainingReason ? 1001 : closeCode(error.code);
    socket.close(code, closeReason(error.code, error.message));
  } finally {
    stopHeartbeat();
  }
}

function parseFrame(method: ContractMethod, text: string): object {
  try {
    return method.request.fromJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof JsonError) throw invalid([{ field: error.path, description: error.message }]);
    if (error instanceof SyntaxError)
      throw invalid([{ field: '', description: `the frame is not JSON: ${error.message}` }]);
    throw error;
  }
}

/** Resolves when the frame has left this process: a client that does not read stops the stream here. */
async function send(socket: WebSocket, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.send(text, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(new RpcError('CANCELLED', 'the client went away', { cause: error }));
    });
  });
}

/** Ends connections whose other side has gone without a word. */
function heartbeat(socket: WebSocket): () => void {
  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) socket.terminate();
    alive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, heartbeatMs);
  return () => clearInterval(timer);
}
